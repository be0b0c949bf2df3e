/** The rows of a statement: as a table that fits the terminal, or as JSON. */
import { stdout } from 'node:process';
import pc from 'picocolors';
import pg from 'pg';
import stringWidth from 'string-width';
import { counted } from '../output/plural.js';
import { inLine, inLines } from '../output/print.js';
import { formatTable } from '../output/table.js';
import type { Outcome } from './session.js';

/** Of PostgreSQL's catalogue pg_type. */
const types = {
  bool: 16,
  int8: 20,
  int2: 21,
  int4: 23,
  oid: 26,
  json: 114,
  float4: 700,
  float8: 701,
  numeric: 1700,
  timestamptz: 1184,
  jsonb: 3802,
};
const numbers: readonly number[] = [types.int8, types.int2, types.int4, types.oid, types.float4, types.float8, types.numeric];
const arraysOfTexts: readonly number[] = [1009, 1015];

/** What a null is shown as; a table drops a column that is empty, and this is none. */
const shownNull = 'null';
/** Narrower than this no column is worth reading. */
const readable = 20;

/** A table whose widest column wraps, or one block for each row where that column would have too little room in `columns`; nothing is cut off. */
export function describeOutcome(
  { command, fields, rows, total }: Outcome,
  columns = stdout.isTTY ? stdout.columns : Infinity,
): string {
  if (fields.length === 0) return command;
  const names = fields.map(({ name }) => inLine(name));
  const cells = rows.map((row) => row.map((value) => (value === null ? shownNull : inLine(value))));
  const right = fields.filter(({ type }) => numbers.includes(type)).map(({ name }) => inLine(name));
  const body = fits(names, cells, columns) ? formatTable(names, cells, { right, width: columns }) : blocks(names, rows);
  const shown =
    rows.length < total
      ? `the first ${rows.length} of ${counted(total, 'row')}: all with --json, or add a limit`
      : counted(total, 'row');
  return `${rows.length === 0 ? names.join('  ') : body}\n${pc.dim(`(${shown})`)}`;
}

function fits(names: readonly string[], cells: readonly string[][], columns: number): boolean {
  const widths = names.map((name, nth) =>
    Math.max(...[name, ...cells.map((row) => row[nth] ?? '')].map((cell) => stringWidth(cell))),
  );
  const widest = Math.max(...widths);
  const others = widths.reduce((sum, width) => sum + width + 2, -2) - widest;
  return columns - others >= Math.min(widest, readable);
}

function blocks(names: readonly string[], rows: Outcome['rows']): string {
  const width = Math.max(...names.map((name) => name.length));
  const describe = (row: Outcome['rows'][number]) =>
    names.map((name, nth) => {
      const lines = inLines(row[nth] ?? shownNull).split('\n');
      return `${pc.bold(name.padEnd(width))}  ${lines.join(`\n${' '.repeat(width + 2)}`)}`;
    });
  return rows.map((row, nth) => [pc.dim(`— ${nth + 1} —`), ...describe(row)].join('\n')).join('\n');
}

/** Numbers that JavaScript holds exactly, booleans, JSON and times as JSON has them; anything else as PostgreSQL writes it. A name that stands twice gets a number. */
export function toObjects({ fields, rows }: Outcome): Record<string, unknown>[] {
  const names = fields.map(({ name }, nth) => {
    const before = fields.slice(0, nth).filter((other) => other.name === name).length;
    return before === 0 ? name : `${name}_${before + 1}`;
  });
  return rows.map((row) =>
    Object.fromEntries(names.map((name, nth) => [name, toJson(row[nth] ?? null, fields[nth]?.type ?? 0)])),
  );
}

const parserOf = pg.types.getTypeParser as (type: number) => (text: string) => unknown;

function toJson(value: string | null, type: number): unknown {
  if (value === null) return null;
  if (type === types.bool) return value === 't';
  if (type === types.json || type === types.jsonb) return JSON.parse(value) as unknown;
  if (type === types.timestamptz) return toIso(value);
  if (arraysOfTexts.includes(type)) return parserOf(type)(value);
  const number = Number(value);
  if (type === types.float4 || type === types.float8) return Number.isFinite(number) ? number : value;
  return numbers.includes(type) && Number.isSafeInteger(number) && String(number) === value ? number : value;
}

/** `infinity` stays what it is. */
function toIso(value: string): string {
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? value : time.toISOString();
}
