/** Aligned tables without frames that fit the terminal: empty columns are left out, and the widest give way by wrapping between words. */
import Table from 'cli-table3';
import pc from 'picocolors';
import stringWidth from 'string-width';
import { terminalWidth } from './terminal-width.js';

const plain = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};
const gap = plain.middle.length;

/** Narrower than this no column gets, unless it is by itself: words would be cut to pieces. */
const narrowest = 8;

/** What stands where there is nothing. */
export const none = '–';

export interface TableOptions {
  /** The columns that hold numbers. */
  right?: readonly string[];
  /** The columns whose cells are of no use in parts, such as ids: never made narrower. */
  whole?: readonly string[];
  /** Columns to fit into; by default those of the terminal, and without a terminal as many as it takes. */
  width?: number;
  /** Every line as long as it takes, also on a terminal (`--wide`). */
  wide?: boolean;
}

/** `head` are the titles of the columns, `rows` their cells, each in one line. A column without anything in it ({@link none}) is left out. */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { right = [], whole = ['id', 'contact'], wide = false, width = wide ? Infinity : terminalWidth() }: TableOptions = {},
): string {
  const filled = head.map((_, column) => rows.some((row) => ![none, ''].includes(row[column] ?? '')));
  const keep = <T>(cells: readonly T[]) => cells.filter((_, column) => filled[column]);
  const titles = keep(head);
  const cells = rows.map(keep);
  const widths = fit(
    titles.map((title, column) =>
      Math.max(...[title, ...cells.map((row) => row[column] ?? '')].map((cell) => stringWidth(cell))),
    ),
    titles.map((title) => whole.includes(title)),
    width,
  );
  const table = new Table({
    head: titles.map((title) => pc.bold(title)),
    colAligns: titles.map((title) => (right.includes(title) ? 'right' : 'left')),
    colWidths: widths,
    wordWrap: true,
    chars: plain,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...cells.map((row) => row.map((cell, column) => withShortWords(cell, widths[column] ?? Infinity))));
  return table.toString().replace(/ +$/gm, '');
}

/** A word that is wider than its column goes on in the next line, best behind one of these; the rest of a very long one is cut off by the table. */
const breaks = /[@._\-/:]$/;
const mostLines = 3;

function withShortWords(cell: string, width: number): string {
  if (stringWidth(cell) <= width) return cell;
  return cell
    .split(' ')
    .map((word) => {
      const lines = [];
      let rest = word;
      while (stringWidth(rest) > width && lines.length < mostLines - 1 && !rest.includes('\x1b')) {
        const line = headOf(rest, width);
        lines.push(line);
        rest = rest.slice(line.length);
      }
      return [...lines, rest].join('\n');
    })
    .join(' ');
}

/** As much of a word as fits, back to a good place to break in its second half. */
function headOf(word: string, width: number): string {
  const letters = Array.from(word);
  let fits = 1;
  while (fits < letters.length && stringWidth(letters.slice(0, fits + 1).join('')) <= width) fits++;
  for (let at = fits; at > fits / 2; at--) if (breaks.test(letters.slice(0, at).join(''))) return letters.slice(0, at).join('');
  return letters.slice(0, fits).join('');
}

/** Widths that sum up to `width` at most, where that can be had: the widest column gives way first. */
function fit(natural: readonly number[], whole: readonly boolean[], width: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, each) => sum + each, gap * (widths.length - 1)) - width;
  for (; excess > 0; excess--) {
    const able = widths.map((each, column) => (whole[column] ? 0 : each));
    const widest = Math.max(...able);
    if (widest <= narrowest) break;
    widths[able.lastIndexOf(widest)] = widest - 1;
  }
  return widths;
}
