/** Months that are due, and that this user may not take out of their table: its owner may. */
import type { DataSource } from 'typeorm';
import { partitionsOf } from './partitions-of.js';

/** Whether this user owns a table of ours, as a worker with a role of its own does not. */
async function ownsTable(dataSource: DataSource, table: string): Promise<boolean> {
  const [row] = await dataSource.query<{ owns: boolean }[]>(
    `select pg_has_role(relowner, 'usage') as owns from pg_class where oid = to_regclass('vidhuk.' || $1)`,
    [table],
  );
  return row?.owns === true;
}

/** In a sentence, with what to do; undefined: none is due, or this user may take them out. */
export async function whyKept(dataSource: DataSource, table: string, horizon: Date): Promise<string | undefined> {
  if (await ownsTable(dataSource, table)) return undefined;
  const due = (await partitionsOf(dataSource, table)).filter(({ month }) => month !== null && month.to <= horizon);
  return due.length === 0
    ? undefined
    : `vidhuk.${table} keeps months that are due (${due.length}), for only its owner may take them out: as its owner, run "vidhuk retention --now"`;
}
