/** Writing to the screen: results to standard output, everything else to standard error. */
import { stderr, stdout } from 'node:process';
import type { WriteStream } from 'node:tty';

export function print(text: string): void {
  stdout.write(`${fitFor(stdout, text)}\n`);
}

/** Progress, questions, warnings and errors. */
export function printAside(text: string): void {
  stderr.write(`${fitFor(stderr, text)}\n`);
}

const colours = /\x1b\[[\d;]*m/g;
/** Line feeds, tabs and colours stay; every other control character could move the cursor, clear the screen or talk to the terminal. */
const controls = /(?!\x1b\[[\d;]*m)[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** Much of what is printed was sent by others. `\u001b` says the same in JSON and is harmless on a screen; colours are for terminals that show them. */
function fitFor(stream: WriteStream, text: string): string {
  const safe = text.replace(controls, escaped);
  return stream.isTTY && stream.hasColors() ? safe : safe.replace(colours, '');
}

function escaped(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
}

/** A value that came from outside, in one line: it cannot pass for a line or a colour of ours. */
export const inLine = (value: string): string => value.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, escaped);

/** As {@link inLine}, and no longer than `length` characters of it. */
export const clip = (value: string, length: number): string => {
  const line = inLine(value.replace(/\s+/g, ' '));
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
};

/** A text from outside that keeps its lines. */
export const inLines = (text: string): string => text.split(/\r?\n/).map(inLine).join('\n');
