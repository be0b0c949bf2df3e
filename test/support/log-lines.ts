/** A logger whose lines a test can read. */
import { createLogger, type Logger } from '../../packages/shared/src/index.js';

export interface CapturedLog {
  log: Logger;
  /** The text of every line so far. */
  text: () => string;
  lines: () => Record<string, unknown>[];
}

/** Everything is logged, down to the smallest thing, and nothing of it reaches the screen. */
export function captureLog(): CapturedLog {
  const written: string[] = [];
  const log = createLogger('test', 'trace', { write: (line) => void written.push(line) });
  return {
    log,
    text: () => written.join(''),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

export const silentLog = (): Logger => createLogger('test', 'silent', { write: () => undefined });
