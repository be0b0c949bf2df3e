/** The pieces of SQL with which a stored row and a folded one become one: maxima, and values that belong to a maximum. */
import { timeColumn, type Column } from '../../db/rows/row-array.js';
import { timeOf } from '../fold.js';
import type { TimeColumn } from '../rules.js';

/** A column and the column that holds the time its value belongs to. `empty` stands for no value in comparisons. */
export interface DatedColumn {
  column: string;
  at: string;
  empty: string;
}

/** A stored value wins only when it is later, or at the same time greater by bytes (as `compareText` in `projection/fold.ts`). */
export const isLater = ({ column, at, empty }: DatedColumn): string =>
  `(excluded.${at} > coalesce(t.${at}, '-infinity') or (excluded.${at} = t.${at} and coalesce(excluded.${column}, ${empty}) collate "C" > coalesce(t.${column}, ${empty}) collate "C"))`;

const isLaterTime = (column: string): string => `excluded.${column} > coalesce(t.${column}, '-infinity')`;

/** The `set` list of an upsert of `t`; the times of dated columns that are time columns themselves are set as such. */
export function mergeAssignments(times: readonly TimeColumn[], dated: readonly DatedColumn[]): string {
  const names: readonly string[] = times;
  return [
    ...dated.map((d) => `${d.column} = case when ${isLater(d)} then excluded.${d.column} else t.${d.column} end`),
    ...dated.filter((d) => !names.includes(d.at)).map((d) => `${d.at} = greatest(t.${d.at}, excluded.${d.at})`),
    ...names.map((column) => `${column} = greatest(t.${column}, excluded.${column})`),
    'first_activity_at = least(t.first_activity_at, excluded.first_activity_at)',
  ].join(',\n      ');
}

/** Whether an upsert would change the row: a repetition writes nothing, it only locks. What nearly always changes is asked first. */
export function changesSomething(times: readonly TimeColumn[], dated: readonly DatedColumn[]): string {
  const latest = 'excluded.last_activity_at > t.last_activity_at';
  return [latest, ...times.map(isLaterTime), ...dated.map(isLater), 'excluded.first_activity_at < t.first_activity_at'].join(
    '\n      or ',
  );
}

/** The columns of times, as the upserts take them. */
export const columnsOfTimes = <Row extends { times: number[]; firstActivityAt: number }>(
  times: readonly TimeColumn[],
): Column<Row>[] => [
  ...times.map((column) => timeColumn<Row>(column, (row) => timeOf(row, column))),
  timeColumn<Row>('first_activity_at', (row) => row.firstActivityAt),
];
