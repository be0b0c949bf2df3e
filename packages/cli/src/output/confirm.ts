/** Questions before something that cannot be taken back. */
import { stdin, stderr } from 'node:process';
import { createInterface } from 'node:readline/promises';

interface Screen {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  output: NodeJS.WritableStream;
}
const usual: Screen = { input: stdin, output: stderr };

/** How to say yes where nobody could be asked; nothing behind a no. */
export const withoutTerminal = (how: string): string => (stdin.isTTY ? '' : ` Without a terminal, ${how}.`);

/** True with `--yes`, or when a person at the terminal says so; without a terminal there is nobody to ask, and the answer is no. */
export async function confirm(question: string, yes: boolean | undefined, { input, output }: Screen = usual): Promise<boolean> {
  if (yes) return true;
  if (!input.isTTY) return false;
  const terminal = createInterface({ input, output });
  // Ctrl-C and Ctrl-D reject the question, the end of a pipe or a lost terminal leaves it open for ever: all of them are a no.
  const left = new Promise<string>((resolve) => terminal.once('close', () => setImmediate(resolve, ''))); // after an answer
  const answer = terminal.question(`${question} [y/N] `).catch(() => left);
  try {
    return /^y(es)?$/i.test((await Promise.race([answer, left])).trim());
  } finally {
    terminal.close();
  }
}
