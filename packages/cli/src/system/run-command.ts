/** Runs a program to its end and keeps what it prints, to be shown only if it fails. */
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { execa } from 'execa';

export class CommandError extends Error {
  override readonly name = 'CommandError';
  constructor(
    message: string,
    /** What the program printed. */
    readonly output: string,
  ) {
    super(message);
  }
}

export interface CommandOptions {
  cwd?: string;
  /** The whole environment of the program; default: ours. */
  env?: Readonly<Record<string, string | undefined>>;
  uid?: number;
  gid?: number;
  /** An open file that the program reads. */
  stdin?: Readable;
  /** Ends the program by SIGTERM, and by SIGKILL 5 s later. */
  signal?: AbortSignal;
  /** Sees every line as it comes. */
  onLine?: (line: string) => void;
}

/** Gives what the program printed; fails with a {@link CommandError} unless it exits with 0, with the system's error when it cannot be run. */
export async function runCommand(file: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { env, stdin, signal, onLine, ...rest } = options;
  const child = execa(file, args, {
    ...rest,
    ...(env && { env, extendEnv: false }),
    ...(signal && { cancelSignal: signal }),
    stdin: stdin ?? 'ignore',
    all: true,
    reject: false,
  });
  if (onLine) createInterface({ input: child.all }).on('line', onLine);
  const result = await child;
  if (!result.failed) return result.all;
  if (result.exitCode === undefined && result.signal === undefined && result.cause instanceof Error && !result.isCanceled)
    throw result.cause;
  const how = result.signal ?? (result.exitCode === undefined ? 'an interruption' : `exit code ${result.exitCode}`);
  throw new CommandError(`${[basename(file), ...args].join(' ')} ended with ${how}`, result.all);
}
