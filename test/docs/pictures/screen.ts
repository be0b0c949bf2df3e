/** What a terminal shows after it was written to: lines that were written again show what came last. */

interface Cell {
  letter: string;
  /** The codes of colour and weight that hold for it, such as `1` or `32`. */
  codes: readonly string[];
}

/** Which codes each code ends. */
const endedBy: Readonly<Record<string, RegExp>> = { '0': /./, '': /./, '22': /^[12]$/, '24': /^4$/, '39': /^[39]\d$/ };
const closing = (code: string): string => (/^[12]$/.test(code) ? '22' : code === '4' ? '24' : '39');

/** Text and control sequences as they were written; the answer has the colours, and no other sequences. */
export function screenAfter(written: string): string {
  const rows: (Cell[] | undefined)[] = [[]];
  let [row, column] = [0, 0];
  let codes: readonly string[] = [];
  const rowAt = (at: number): Cell[] => (rows[at] ??= []);
  for (const [piece, parameters = '', kind] of written.matchAll(/\x1b\[\??([\d;]*)([A-Za-z])|\x1b[78=>]|[\s\S]/gu)) {
    const count = Number(parameters || 1);
    if (kind === 'm')
      for (const code of parameters.split(';')) {
        const ended = endedBy[code];
        codes = ended === undefined ? [...codes, code] : codes.filter((each) => !ended.test(each));
      }
    else if (kind === 'A') row = Math.max(row - count, 0);
    else if (kind === 'B') row += count;
    else if (kind === 'C') column += count;
    else if (kind === 'D') column = Math.max(column - count, 0);
    else if (kind === 'G') column = count - 1;
    else if (kind === 'K') rows[row] = parameters === '2' ? [] : rowAt(row).slice(0, column);
    else if (kind === 'J') rows.splice(row, rows.length, parameters === '2' ? [] : rowAt(row).slice(0, column));
    else if (piece === '\n') [row, column] = [row + 1, 0];
    else if (piece === '\r') column = 0;
    else if (!piece.startsWith('\x1b')) rowAt(row)[column++] = { letter: piece, codes };
  }
  return Array.from(rows, (cells) => (cells === undefined ? '' : textOfRow(cells)))
    .join('\n')
    .trim();
}

function textOfRow(cells: readonly (Cell | undefined)[]): string {
  let text = '';
  let open: readonly string[] = [];
  const become = (codes: readonly string[]) => {
    const ended = [...new Set(open.filter((code) => !codes.includes(code)).map(closing))];
    const begun = codes.filter((code) => !open.includes(code));
    text += [...ended, ...begun].map((code) => `\x1b[${code}m`).join('');
    open = codes;
  };
  for (const cell of Array.from(cells)) {
    become(cell?.codes ?? []);
    text += cell?.letter ?? ' ';
  }
  become([]);
  return text.trimEnd();
}
