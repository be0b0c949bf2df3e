/** Questions before something that cannot be taken back. */
import { stdin, stderr } from 'node:process';
import { createInterface } from 'node:readline/promises';

/** True with `--yes`, or when a person at the terminal says so; without a terminal there is nobody to ask, and the answer is no. */
export async function confirm(question: string, yes: boolean | undefined): Promise<boolean> {
  if (yes) return true;
  if (!stdin.isTTY) return false;
  const terminal = createInterface({ input: stdin, output: stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
