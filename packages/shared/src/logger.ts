/** Structured logs: one JSON line each, to standard output. */
import { pino, stdSerializers, type DestinationStream } from 'pino';

export type { Logger } from 'pino';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** What is logged of an error. Its other properties are left out: an error of the database's driver carries the whole connection, secrets and all. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack } = stdSerializers.err(error);
  return { type, message, stack, ...('code' in error ? { code: error.code } : {}) };
}

/** A logger that stamps every line with the process's name; secrets never get here, see `authenticate.ts` and `describeUrl`. */
export function createLogger(name: string, level: LogLevel, destination?: DestinationStream) {
  return pino(
    { name, level, base: { name }, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: describeError } },
    destination,
  );
}
