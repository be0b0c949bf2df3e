/** What a migration does to all rows of a large table: in slices, each a short transaction, going on where it was after a crash. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../transaction.js';
import { throughConflicts } from '../through-conflicts.js';

export interface BackfillWork {
  /** In the table `backfill`. */
  name: string;
  table: string;
  /** A column with an index, and its type: what slices go along. Rows with one value belong to one slice. */
  key: { column: string; type: string };
  /** As in `update … set`; done twice to a row it must do no more than once. */
  set: string;
  /** Which rows need it; default: all. */
  where?: string;
}

export interface BackfillProgress {
  done: number;
  /** About. */
  total: number;
}

/** Rows of one slice: well below a second. */
const sliceSize = 1_000;
/** ms between two slices, in which others have the disk. */
const pauseMs = 10;

/** Gives how many rows were looked at by this call; 0: it was done already. Rows that others hold are waited for, and nobody waits for it longer than a slice. */
export async function backfill(
  dataSource: DataSource,
  work: BackfillWork,
  onProgress: (progress: BackfillProgress) => void = () => undefined,
): Promise<number> {
  await dataSource.query(
    `insert into vidhuk.backfill (name, total) select $1, greatest(reltuples, 0) from pg_class where oid = $2::regclass on conflict (name) do nothing`,
    [work.name, `vidhuk.${work.table}`],
  );
  for (let done = 0; ;) {
    const step = await throughConflicts(() => inTransaction(dataSource, (client) => takeSlice(client, work)));
    if (step === null) return done;
    done += step.rows;
    onProgress(step.progress);
    await sleep(pauseMs);
  }
}

/** null: all were done. How far it is stands in the transaction of the rows. */
async function takeSlice(
  client: ClientBase,
  { name, table, key, set, where = 'true' }: BackfillWork,
): Promise<{ rows: number; progress: BackfillProgress } | null> {
  const { rows: found } = await client.query<{ after: string | null; ended: boolean }>(
    'select after, ended_at is not null as ended from vidhuk.backfill where name = $1 for update',
    [name],
  );
  const [at] = found;
  if (at === undefined || at.ended) return null;
  const { rows: slice } = await client.query<{ last: string | null; count: number }>(
    `select max(key)::text as last, count(*)::integer as count from (
       select ${key.column} as key from vidhuk.${table} where $1::text is null or ${key.column} > $1::${key.type} order by ${key.column} limit ${sliceSize}
     ) as slice`,
    [at.after],
  );
  const { last = null, count = 0 } = slice[0] ?? {};
  if (last === null) {
    await client.query('update vidhuk.backfill set ended_at = now(), updated_at = now() where name = $1', [name]);
    return null;
  }
  await client.query(
    `update vidhuk.${table} set ${set}
     where ($1::text is null or ${key.column} > $1::${key.type}) and ${key.column} <= $2::${key.type} and (${where})`,
    [at.after, last],
  );
  const { rows } = await client.query<{ done: string; total: string }>(
    `update vidhuk.backfill set after = $2, done = done + $3, total = greatest(total, done + $3), updated_at = now() where name = $1 returning done, total`,
    [name, last, count],
  );
  const [row] = rows;
  return { rows: count, progress: { done: Number(row?.done), total: Number(row?.total) } };
}
