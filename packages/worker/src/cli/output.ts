/** Writing to the screen: results to standard output, everything else to standard error. */
import { stderr, stdout } from 'node:process';

export function print(text: string): void {
  stdout.write(`${text}\n`);
}

/** Progress, questions, warnings and errors. */
export function printAside(text: string): void {
  stderr.write(`${text}\n`);
}
