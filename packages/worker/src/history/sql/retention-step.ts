/** A few rows that have been kept for long enough, found by where they lie on the disk: each page is looked at once, however many rows went before. */
import type { DataSource } from 'typeorm';
import { inTransaction } from '../../db/transaction.js';
import type { Retained } from '../retained.js';

/** Pages of 8 KiB of one step: of follow-ups some 900 rows. */
export const pagesOfStep = 256;
/** Rows that one look for them counts: it is below the limit of time of a statement. */
const mostRows = 500_000;

type Kind = Pick<Retained, 'age' | 'where'>;

/** Which steps of the physical table `leaf` have such rows; not all of them where there are very many. */
export async function dueSteps(dataSource: DataSource, leaf: string, { age, where }: Kind, before: Date): Promise<number[]> {
  const rows = await dataSource.query<{ step: number }[]>(
    `select distinct step from (
       select ((ctid::text::point)[0]::bigint / ${pagesOfStep})::integer as step from vidhuk.${leaf} where ${age} < $1 and ${where} limit ${mostRows}
     ) as due order by step`,
    [before.toISOString()],
  );
  return rows.map(({ step }) => step);
}

/** The first page of a step, and the first of the next, as PostgreSQL writes it. */
export const tidsOf = (step: number): [string, string] => [`(${step * pagesOfStep},0)`, `(${(step + 1) * pagesOfStep},0)`];

/** Deletes those of one step. Rows locked by others are left for later: nobody waits for them. */
export function takeStep(
  dataSource: DataSource,
  leaf: string,
  { age, where }: Kind,
  before: Date,
  step: number,
): Promise<number> {
  const sql = `delete from vidhuk.${leaf} where ctid = any(array(
    select ctid from vidhuk.${leaf} where ctid >= $2::tid and ctid < $3::tid and ${age} < $1 and ${where} for update skip locked))`;
  return inTransaction(
    dataSource,
    async (client) => (await client.query(sql, [before.toISOString(), ...tidsOf(step)])).rowCount ?? 0,
  );
}

/** How much is due, and how old the oldest of it is; of what a database has no table for, nothing. */
export async function countDue(
  dataSource: DataSource,
  { table, age, where }: Kind & Pick<Retained, 'table'>,
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
