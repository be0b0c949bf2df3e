/** The list of handlers: a new one is one line here. */
import type { Handler } from './handler.js';
import { log } from './log.js';

export const builtInHandlers: readonly Handler[] = [log];
