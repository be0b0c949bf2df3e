/** The lines of a page that are read as text. */
import type { Page } from './pages.js';

interface Line {
  number: number;
  text: string;
}

/** All but code, tables, pictures and bare links. */
export function proseLinesOf({ text }: Page): Line[] {
  let isCode = false;
  return text.split('\n').flatMap((line, index) => {
    const fence = /^\s*(```|~~~)/.test(line);
    if (fence) isCode = !isCode;
    const isTable = line.trimStart().startsWith('|');
    return fence || isCode || isTable || isOneLink(line) ? [] : [{ number: index + 1, text: line }];
  });
}

/** What cannot be broken: a picture or a link that stands alone. */
const isOneLink = (line: string): boolean => /^\s*(?:[-*] )?!?\[[^\]]*\]\([^)]*\)[.,:]?$/.test(line);
