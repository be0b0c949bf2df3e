/** One transaction on one connection of the pool, as the driver's own client: hot statements are prepared once per connection. */
import type { Client, ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { mayBeStale } from './failure.js';

/**
 * Runs `work` between begin and commit. After a failure the transaction is rolled back; a connection on which not even that works is ended, and
 * the pool drops ended ones, so that no later caller gets it half-open. So is one that may remember a schema which is gone.
 */
export async function inTransaction<T>(dataSource: DataSource, work: (client: ClientBase) => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  const client = (await runner.connect()) as Client;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    const end = () => void client.end().catch(() => undefined); // it is as dead as can be already
    await client.query('rollback').catch(end);
    if (mayBeStale(error)) end();
    throw error;
  } finally {
    await runner.release();
  }
}
