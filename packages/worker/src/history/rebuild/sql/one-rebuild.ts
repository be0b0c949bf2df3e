/** One rebuild at a time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';

const pollMs = 200;

/** Runs `work` unless somebody else is at it, and still is after `patienceMs`. */
export async function oneRebuild<T>(dataSource: DataSource, work: () => Promise<T>, patienceMs = 0): Promise<T> {
  const runner = dataSource.createQueryRunner();
  await runner.connect();
  const lock = `hashtextextended('vidhuk rebuild', 0)`;
  try {
    for (const since = performance.now(); ;) {
      const [row] = (await runner.query(`select pg_try_advisory_lock(${lock}) as taken`)) as { taken: boolean }[];
      if (row?.taken === true) break;
      if (performance.now() - since >= patienceMs)
        throw new Error('another rebuild is under way: wait for it to end, or end it with "vidhuk rebuild --cancel"');
      await sleep(pollMs);
    }
    try {
      return await work();
    } finally {
      // A connection that is dead has let go of it.
      await runner.query(`select pg_advisory_unlock(${lock})`).catch(() => undefined);
    }
  } finally {
    await runner.release();
  }
}
