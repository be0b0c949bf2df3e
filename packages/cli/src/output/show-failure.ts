/** How a failure is shown: what a person can mend in its own words, a program's failure with what the program printed. */
import pc from 'picocolors';
import { CommandError } from '../system/run-command.js';
import { codeOf, PlainError } from '../system/plain-error.js';
import { printAside } from './print.js';

export function showFailure(error: unknown): void {
  if (error instanceof CommandError && error.output !== '') {
    printAside(error.output.replace(/^/gm, '  '));
    printAside(pc.red(`${error.message}: see above.`));
  } else if (isMendable(error) || error instanceof CommandError) {
    printAside(pc.red(error.message));
  } else {
    printAside(pc.red(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  }
}

/** Its message says all: ours, and the system's own words, with the path. */
const isMendable = (error: unknown): error is Error =>
  error instanceof PlainError || (error instanceof Error && codeOf(error) !== undefined);
