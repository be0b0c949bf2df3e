/** Drops a month of a table, for which it needs the table for itself for a moment: by a function of the owner's, which looks once more whether it may go. */
import type { DataSource } from 'typeorm';
import { withShortLock } from './short-lock.js';

/** By the column of the table `horizon` before which their months may go. */
const horizons = { activity: 'log_from', batch: 'batch_from', workflow_request: 'request_from' } as const;
export type MonthlyTable = keyof typeof horizons;

/** Says that months before `horizon` may go, which is never taken back. That of the log moves otherwise, for batches have to know it: see `moveHorizon`. */
export async function allowMonths(dataSource: DataSource, table: MonthlyTable, horizon: Date): Promise<void> {
  if (table === 'activity') return;
  const column = horizons[table];
  await dataSource.query(`update vidhuk.horizon set ${column} = $1 where ${column} is null or ${column} < $1`, [
    horizon.toISOString(),
  ]);
}

/** Gives false where somebody was in the way all the time: the next run tries again. The server removes the files of a large table once it has let go of its locks. */
export function dropMonth(dataSource: DataSource, table: MonthlyTable, partition: string, signal: AbortSignal): Promise<boolean> {
  return withShortLock(dataSource, signal, (client) => client.query('select vidhuk.drop_month($1, $2)', [table, partition]));
}
