/** Takes a month out of a table, for which it needs the table for itself for a moment, and drops it. */
import type { DataSource } from 'typeorm';
import { withShortLock } from './short-lock.js';

/** Gives false where somebody was in the way all the time: the next run tries again. */
export async function detachMonth(
  dataSource: DataSource,
  table: string,
  partition: string,
  signal: AbortSignal,
): Promise<boolean> {
  const sql = `alter table vidhuk.${table} detach partition vidhuk.${partition}`;
  const isOut = await withShortLock(dataSource, signal, (client) => client.query(sql));
  if (isOut) await dropDetached(dataSource, partition);
  return isOut;
}

/** Apart from the taking out: the files of a large table take their time to go, and by then nobody waits. */
export async function dropDetached(dataSource: DataSource, partition: string): Promise<void> {
  await dataSource.query(`drop table if exists vidhuk.${partition}`);
}
