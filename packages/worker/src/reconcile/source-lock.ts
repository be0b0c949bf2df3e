/** One run per source at a time, over all processes. */
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';

/** Of our advisory locks those with two keys; the first one says what they are for. */
const purpose = 0x7265;

export interface SourceLock {
  /** Rejects when the connection that holds the lock is gone: then another run may have begun. */
  check(): Promise<void>;
  release(): Promise<void>;
}

/** null: another run of the source is at work. Holds a connection of the pool meanwhile; the lock ends with it, however the process ends. */
export async function lockSource(dataSource: DataSource, source: string): Promise<SourceLock | null> {
  const runner = dataSource.createQueryRunner();
  const client = (await runner.connect()) as ClientBase;
  try {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1, hashtext($2)) as locked', [
      purpose,
      source,
    ]);
    if (rows[0]?.locked === true)
      return {
        async check() {
          await client.query('select 1');
        },
        async release() {
          await client.query('select pg_advisory_unlock($1, hashtext($2))', [purpose, source]).catch(() => undefined);
          await runner.release();
        },
      };
  } catch (error) {
    await runner.release();
    throw error;
  }
  await runner.release();
  return null;
}
