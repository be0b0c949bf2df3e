/** A few rows that have been kept for long enough. */
import type { DataSource } from 'typeorm';
import { inTransaction } from '../../db/transaction.js';
import type { Retained } from '../retained.js';

/** Rows locked by others are left for later: nobody waits for them. */
export function takeStep(
  dataSource: DataSource,
  { table, age, key, where, set }: Retained,
  before: Date,
  limit: number,
): Promise<number> {
  const keys = key.join(', ');
  const due = `select ${keys} from vidhuk.${table} where ${age} < $1 and ${where} limit $2 for update skip locked`;
  const sql =
    set === null
      ? `delete from vidhuk.${table} where (${keys}) in (${due})`
      : `update vidhuk.${table} set ${set} where (${keys}) in (${due})`;
  return inTransaction(dataSource, async (client) => (await client.query(sql, [before.toISOString(), limit])).rowCount ?? 0);
}

/** How much is due, and how old the oldest of it is; of what a database has no table for, nothing. */
export async function countDue(
  dataSource: DataSource,
  { table, age, where }: Retained,
  before: Date | null,
): Promise<{ kept: number; due: number; oldest: Date | null }> {
  if (!(await hasTable(dataSource, table))) return { kept: 0, due: 0, oldest: null };
  const [row] = await dataSource.query<{ kept: number; due: number; oldest: Date | null }[]>(
    `select count(*)::float8 as kept, (count(*) filter (where ${age} < $1))::float8 as due, min(${age}) as oldest
     from vidhuk.${table} where ${where}`,
    [before?.toISOString() ?? '-infinity'],
  );
  return row ?? { kept: 0, due: 0, oldest: null };
}

export async function hasTable(dataSource: DataSource, table: string): Promise<boolean> {
  const [row] = await dataSource.query<{ present: boolean }[]>('select to_regclass($1) is not null as present', [
    `vidhuk.${table}`,
  ]);
  return row?.present ?? false;
}
