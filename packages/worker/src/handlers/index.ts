/** The list of handlers: a new one is one line here. */
import { esputnikRequest } from './esputnik-request.js';
import type { Handler } from './handler.js';
import { httpRequest } from './http-request.js';
import { log } from './log.js';
import { postgresFunction } from './postgres-function.js';

export const builtInHandlers: readonly Handler[] = [httpRequest, esputnikRequest, postgresFunction, log];
