/** One rebuild at a time. */
import type { DataSource } from 'typeorm';

/** Runs `work` unless somebody else is at it. */
export async function oneRebuild<T>(dataSource: DataSource, work: () => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  await runner.connect();
  const lock = `hashtextextended('vidhuk rebuild', 0)`;
  try {
    const [row] = (await runner.query(`select pg_try_advisory_lock(${lock}) as taken`)) as { taken: boolean }[];
    if (row?.taken !== true) throw new Error('another rebuild is under way: wait for it to end');
    try {
      return await work();
    } finally {
      await runner.query(`select pg_advisory_unlock(${lock})`);
    }
  } finally {
    await runner.release();
  }
}
