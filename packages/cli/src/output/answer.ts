/** How a command answers: in words for people, with `--json` as one envelope that is the same for every command. */
import { exitCode } from '../environment.js';
import { print, printAside } from './print.js';

export interface AnswerOptions {
  json?: boolean;
}

/** The option itself: `command.option(...jsonOption)`. */
export const jsonOption = ['--json', 'print {"ok":true,"data":…}, or {"ok":false,"error":{"message":…}}'] as const;

/**
 * Prints `data` as `{"ok":true,"data":…}` where JSON was asked for, else what `describe` makes of it; an empty text is not printed. What fails is
 * thrown instead, and `runProgram` prints it as `{"ok":false,"error":…}` or as one line on standard error.
 */
export function answer<T>({ json }: AnswerOptions, data: T, describe: (data: T) => string): void {
  const text = json ? JSON.stringify({ ok: true, data }) : describe(data);
  if (text !== '') print(text);
}

/** As {@link answer} where the answer is no (exit code 1): nothing found, nothing changed. The reason goes beside the results, to standard error. */
export function answerNo({ json }: AnswerOptions, data: unknown, reason: string): void {
  process.exitCode = exitCode.negative;
  if (json) print(JSON.stringify({ ok: true, data }));
  else printAside(reason);
}
