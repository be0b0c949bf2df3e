/** Rows that are taken over as they are, into a rebuild's tables: nobody may be erased meanwhile, whom they would bring back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '@vidhuk/shared';
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../db/transaction.js';
import { isErasing, rebuildLock } from '../projection/sql/tombstones.js';

class SomebodyIsErased extends Error {
  override readonly name = 'SomebodyIsErased';
}

/** ms for which somebody may be at erasing. */
const patienceMs = 300_000;

/** `work` in a transaction, for which whoever begins to erase waits with its tombstones. Rejects, and nothing was done, where somebody is at it already. */
export function whileNobodyIsErased<T>(dataSource: DataSource, work: (client: ClientBase) => Promise<T>): Promise<T> {
  return inTransaction(dataSource, async (client) => {
    await client.query(`select pg_advisory_xact_lock_shared(hashtextextended('${rebuildLock}', 0))`);
    if (await isErasing(client)) throw new SomebodyIsErased('somebody is being erased: rows are taken over after that');
    return work(client);
  });
}

/** The same, once nobody is at it any more; rejects when `signal` aborts, or after 5 minutes. */
export async function onceNobodyIsErased<T>(
  dataSource: DataSource,
  signal: AbortSignal,
  work: (client: ClientBase) => Promise<T>,
): Promise<T> {
  const since = performance.now();
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    try {
      return await whileNobodyIsErased(dataSource, work);
    } catch (error) {
      if (!(error instanceof SomebodyIsErased) || performance.now() - since > patienceMs) throw error;
    }
    await sleep(backoffMs(attempt), undefined, { signal }).catch(() => undefined);
  }
}
