/** Takes a month out of a table, for which it needs the table for itself for a moment, and drops it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { sqlState } from '../../db/failure.js';
import { inTransaction } from '../../db/transaction.js';

/** ms that others may have to wait for it. */
const lockTimeoutMs = 200;
const attempts = 30;
/** ms between them, in which whoever waited goes first. */
const pauseMs = 1_000;

/** Gives false where somebody was in the way all the time: the next run tries again. */
export async function detachMonth(
  dataSource: DataSource,
  table: string,
  partition: string,
  signal: AbortSignal,
): Promise<boolean> {
  for (let attempt = 0; attempt < attempts && !signal.aborted; attempt++) {
    try {
      await inTransaction(dataSource, async (client) => {
        await client.query(`set local lock_timeout = ${lockTimeoutMs}`);
        await client.query(`alter table vidhuk.${table} detach partition vidhuk.${partition}`);
      });
      await dropDetached(dataSource, partition);
      return true;
    } catch (error) {
      if (sqlState(error) !== '55P03') throw error; // lock_not_available
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return false;
}

/** Apart from the taking out: the files of a large table take their time to go, and by then nobody waits. */
export async function dropDetached(dataSource: DataSource, partition: string): Promise<void> {
  await dataSource.query(`drop table if exists vidhuk.${partition}`);
}
