/** Months that are due, and that this user may not drop: the owner of their table may, and whom the owner lets. */
import type { DataSource } from 'typeorm';
import { partitionsOf } from './partitions-of.js';

async function mayDropMonths(dataSource: DataSource): Promise<boolean> {
  const [row] = await dataSource.query<{ may: boolean }[]>(
    `select has_function_privilege(oid, 'execute') and (prosecdef or pg_has_role(proowner, 'usage')) as may
     from pg_proc where oid = 'vidhuk.drop_month(text, text)'::regprocedure`,
  );
  return row?.may === true;
}

/** In a sentence, with what to do; undefined: none is due, or this user may drop them. */
export async function whyKept(dataSource: DataSource, table: string, horizon: Date): Promise<string | undefined> {
  if (await mayDropMonths(dataSource)) return undefined;
  const due = (await partitionsOf(dataSource, table)).filter(({ month }) => month !== null && month.to <= horizon);
  return due.length === 0
    ? undefined
    : `vidhuk.${table} keeps months that are due (${due.length}), for this user may not drop them: as the owner of the tables, run "vidhuk retention --now"`;
}
