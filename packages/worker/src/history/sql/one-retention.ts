/** One retention at a time, and none while the tables are made again. */
import type { DataSource } from 'typeorm';

const lock = `hashtextextended('vidhuk retention', 0)`;

/** `undefined`, without having begun, where another is at it. */
export async function oneRetention<T>(dataSource: DataSource, work: () => Promise<T>): Promise<T | undefined> {
  const runner = dataSource.createQueryRunner();
  await runner.connect();
  try {
    const [row] = (await runner.query(`select pg_try_advisory_lock(${lock}) as taken`)) as { taken: boolean }[];
    if (row?.taken !== true) return undefined;
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
