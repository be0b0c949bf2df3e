/** The lines of the documentation that call `vidhuk`. */
import { parse } from 'shell-quote';
import { codeBlocksOf, type Page } from '../markdown/pages.js';

export interface CommandLine {
  page: string;
  /** As it stands there. */
  text: string;
  /** What follows `vidhuk`. */
  args: string[];
}

const languages = ['', 'sh', 'bash', 'console'];

export const commandLinesOf = (page: Page): CommandLine[] =>
  codeBlocksOf(page)
    .filter(({ language }) => languages.includes(language))
    .flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'))
    .flatMap((text) => callsIn(text.replace(/^\s*[$#>] /, '')).map((args) => ({ page: page.path, text, args })));

/** Pipes and lists of commands are taken apart; comments and variables before a command are left out. */
function callsIn(line: string): string[][] {
  const commands: string[][] = [[]];
  for (const part of parse(line, (name) => `$${name}`)) {
    if (typeof part === 'string') commands.at(-1)?.push(part);
    else if ('comment' in part) break;
    else if (part.op === 'glob') commands.at(-1)?.push(part.pattern);
    else commands.push([]);
  }
  return commands.flatMap((words) => {
    const at = words.findIndex((word) => !/^\w+=/.test(word));
    const own = words.slice(Math.max(at, 0));
    if (own[0] === 'vidhuk') return [own.slice(1)];
    if (own[0] === 'npx' && own[1] === 'vidhuk') return [own.slice(2)];
    const inside = own[0] === 'docker' ? own.indexOf('vidhuk') : -1;
    return inside < 0 ? [] : [own.slice(inside + 1)];
  });
}
