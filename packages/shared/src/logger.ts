/** Structured logs: one JSON line each, to standard output. */
import { pino, type DestinationStream } from 'pino';

export type { Logger } from 'pino';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** A logger that stamps every line with the process's name; secrets never get here, see `authenticate.ts` and `describeUrl`. */
export function createLogger(name: string, level: LogLevel, destination?: DestinationStream) {
  return pino({ name, level, base: { name }, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
