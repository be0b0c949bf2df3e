/** Help on a terminal: prose is wrapped between words, and what explains an example goes below it where both have no room side by side. */
import stringWidth from 'string-width';
import { wrap } from './hang.js';
import { terminalWidth } from './terminal-width.js';

const isProse = (line: string): boolean => line !== '' && !line.startsWith(' ');
/** An example, and behind several blanks what it does. */
const explained = /^( +)(\S.*?) {2,}(\S.*)$/;

export function fitLines(text: string, width = terminalWidth()): string {
  const fits = (line: string) => stringWidth(line) <= width;
  const fitted: string[] = [];
  const lines = text.split('\n');
  for (let at = 0; at < lines.length;) {
    let end = at + 1;
    while (isProse(lines[at] ?? '') && isProse(lines[end] ?? '')) end++;
    const block = lines.slice(at, end);
    if (block.every(fits)) fitted.push(...block);
    else fitted.push(...(isProse(block[0] ?? '') ? wrap(block.join(' '), width) : fitExample(block[0] ?? '', width)));
    at = end;
  }
  return fitted.join('\n');
}

function fitExample(line: string, width: number): string[] {
  const [, indent = '', example = '', explanation = ''] = explained.exec(line) ?? [];
  if (example === '') return hung(line, width);
  return [...hung(indent + example, width), ...hung(`${indent}    ${explanation}`, width)];
}

/** With the lines behind the first one four columns further in. */
function hung(line: string, width: number): string[] {
  const indent = ' '.repeat(line.length - line.trimStart().length);
  const [first = '', ...rest] = wrap(line.trimStart(), width - indent.length - 4);
  return [indent + first, ...rest.map((each) => `${indent}    ${each}`)];
}
