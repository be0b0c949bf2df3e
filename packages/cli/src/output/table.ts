/** Aligned tables without frames that fit the terminal: empty columns are left out, and the widest give way by wrapping between words. */
import Table from 'cli-table3';
import pc from 'picocolors';
import stringWidth from 'string-width';

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
  /** Columns to fit into; by default those of the terminal, and without a terminal as many as it takes. */
  width?: number;
}

/** `head` are the titles of the columns, `rows` their cells, each in one line. A column without anything in it ({@link none}) is left out. */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { right = [], width = terminalWidth() }: TableOptions = {},
): string {
  const filled = head.map((_, column) => rows.some((row) => ![none, ''].includes(row[column] ?? '')));
  const keep = <T>(cells: readonly T[]) => cells.filter((_, column) => filled[column]);
  const titles = keep(head);
  const cells = rows.map(keep);
  const table = new Table({
    head: titles.map((title) => pc.bold(title)),
    colAligns: titles.map((title) => (right.includes(title) ? 'right' : 'left')),
    colWidths: fit(
      titles.map((title, column) =>
        Math.max(...[title, ...cells.map((row) => row[column] ?? '')].map((cell) => stringWidth(cell))),
      ),
      width,
    ),
    wordWrap: true,
    chars: plain,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...cells);
  return table.toString();
}

/** Widths that sum up to `width` at most, where that can be had: the widest column gives way first. */
function fit(natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, each) => sum + each, gap * (widths.length - 1)) - width;
  for (; excess > 0; excess--) {
    const widest = Math.max(...widths);
    if (widest <= narrowest) break;
    widths[widths.lastIndexOf(widest)] = widest - 1;
  }
  return widths;
}

function terminalWidth(): number {
  return process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
}
