/** How a failure is shown: what a person can mend in its own words, a program's failure with what the program printed. */
import pc from 'picocolors';
import { CommandError } from '../system/run-command.js';
import { codeOf, PlainError } from '../system/plain-error.js';
import { printAside } from './print.js';

export function showFailure(error: unknown): void {
  if (error instanceof CommandError && error.output !== '') {
    printAside(error.output.replace(/^/gm, '  '));
    printAside(pc.red(`${error.message}: see above.`));
  } else if (isMendable(error)) {
    printAside(pc.red(error.message));
  } else {
    printAside(pc.red(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  }
}

/** Its message says all: ours, a configuration's problems (by name: its class lives in a package that this file is too light to load), and the system's own words, with the path. */
function isMendable(error: unknown): error is Error {
  if (error instanceof PlainError || error instanceof CommandError) return true;
  return error instanceof Error && (error.name === 'ConfigurationError' || codeOf(error) !== undefined);
}
