/** Prose beside a title: it goes on below itself, so that the title stands alone on its left. */
import stringWidth from 'string-width';
import { terminalWidth } from './terminal-width.js';

/** Narrower than this prose is not made: on such a terminal the lines wrap by themselves. */
const narrowest = 20;

/** `title` comes with the spaces behind it; `text` may have colours, and lines of its own. */
export function hang(title: string, text: string, width = terminalWidth()): string {
  const indent = stringWidth(title);
  const room = width - indent;
  if (room < narrowest) return title + text;
  const lines = text.split('\n').flatMap((line) => wrap(line, room));
  return title + lines.join(`\n${' '.repeat(indent)}`);
}

/** Lines of words that have at most so much room each; a longer word has a line to itself. */
export function wrap(line: string, room: number): string[] {
  const lines: string[] = [];
  for (const word of line.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length > 0 && stringWidth(longer) <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
