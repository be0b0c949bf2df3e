/** Waits for locks of tables that everybody uses: each time only for a moment, for whoever comes behind it waits as long. */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, type Logger } from '@vidhuk/shared';
import { failureKind } from '../failure.js';

/** ms that a lock is waited for at once. */
export const lockMs = 3_000;
/** ms between two attempts, in which those who came behind it go on. */
const pauseMs = 1_000;
const usualPatienceMs = 600_000;

/** Repeats `work` while others hold what it wants to lock, for `patienceMs`; it must change nothing when it rejects. */
export async function throughLocks<T>(work: () => Promise<T>, log: Logger, patienceMs = usualPatienceMs): Promise<T> {
  for (const since = performance.now(); ;) {
    try {
      return await work();
    } catch (error) {
      if (failureKind(error) !== 'conflict') throw error;
      if (performance.now() - since > patienceMs)
        throw new Error(
          `somebody holds a table for long (${messageOf(error)}): look at "select * from pg_stat_activity where state <> 'idle'", and do it again`,
          { cause: error },
        );
      log.warn({ err: messageOf(error) }, 'a lock could not be had in time, trying again');
      await sleep(pauseMs);
    }
  }
}
