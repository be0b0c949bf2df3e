/** What a section of the benchmark gives: a table for people, and figures for machines and for the goals. */
import { formatTable } from '../../packages/cli/src/output/table.js';

export interface Result {
  head: readonly string[];
  rows: readonly (readonly string[])[];
  /** By name: what the goals are judged by, and whatever else is worth comparing with another run. */
  figures: Readonly<Record<string, number>>;
  /** Said below the table. */
  notes?: readonly string[];
}

export const showResult = ({ head, rows, notes = [] }: Result): string =>
  [formatTable(head, rows, { right: head.slice(1) }), ...notes.map((note) => `  ${note}`)].join('\n');
