/** How a failure is shown: what a person can mend in one line, a program's failure with what the program printed. */
import { CommandError } from './command.mjs';
import { codeOf, PlainError } from './plain-error.mjs';
import { print, red } from './terminal.mjs';

/** @param {unknown} error */
export function showFailure(error) {
  if (error instanceof CommandError) {
    print(error.output.replace(/^/gm, '  '));
    print(red(`${error.message}: see above.`));
  } else if (error instanceof PlainError) {
    print(red(error.message));
  } else if (error instanceof Error && codeOf(error) !== undefined) {
    print(red(error.message)); // the system's own words, with the path
  } else {
    print(red(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  }
}
