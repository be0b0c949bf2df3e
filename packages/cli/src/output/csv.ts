/** Tables for spreadsheets: CSV as RFC 4180 has it, but with line feeds alone. */
type Cell = string | number | null;

/** What a spreadsheet would take for a formula; a phone number or a negative one it may take. */
const formula = /^[=@\t\r]|^[+-](?![\d\s().-]*$)/;

/** `head` are the names of the columns. A text that a spreadsheet would run as a formula begins with an apostrophe. */
export const formatCsv = (head: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [head, ...rows].map((row) => row.map(cellOf).join(',')).join('\n');

function cellOf(value: Cell): string {
  const text = typeof value === 'string' && formula.test(value) ? `'${value}` : String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
