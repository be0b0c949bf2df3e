/** Work that needs something for itself for a moment, and that others must hardly wait for. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { sqlState } from '../../db/failure.js';
import { inTransaction } from '../../db/transaction.js';

/** ms that others may have to wait for it. */
const lockTimeoutMs = 200;
const attempts = 30;
/** ms between them, in which whoever waited goes first. */
const pauseMs = 1_000;

/** Gives false, and nothing was done, where somebody was in the way all the time, or `signal` was aborted. */
export async function withShortLock(
  dataSource: DataSource,
  signal: AbortSignal,
  work: (client: ClientBase) => Promise<unknown>,
): Promise<boolean> {
  for (let attempt = 0; attempt < attempts && !signal.aborted; attempt++) {
    try {
      await inTransaction(dataSource, async (client) => {
        await client.query(`set local lock_timeout = ${lockTimeoutMs}`);
        await work(client);
      });
      return true;
    } catch (error) {
      if (sqlState(error) !== '55P03') throw error; // lock_not_available
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return false;
}
