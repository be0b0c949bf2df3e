/**
 * BullMQ's connection to a pool that others use, too, and that outlives it. BullMQ's own listens to errors of the pool, and goes on with that after its end
 * (as of 6.7.0): whoever opens queues one after the other would have more and more listeners.
 */
import { PostgresConnection, PostgresQueueBackend, type BackendFactory, type PgPool } from 'bullmq';
import type pg from 'pg';

export class PooledConnection extends PostgresConnection {
  readonly #leave: () => void;

  constructor(pool: pg.Pool) {
    const before = new Set(pool.listeners('error'));
    super(asBullPool(pool));
    const added = pool.listeners('error').filter((listener) => !before.has(listener)) as ((error: Error) => void)[];
    this.#leave = () => added.forEach((listener) => pool.off('error', listener));
  }

  override async close(): Promise<void> {
    await super.close();
    this.#leave();
  }
}

/** For queues, instead of BullMQ's `createPostgresBackend`. */
export const pooledBackend =
  (pool: pg.Pool): BackendFactory<PostgresQueueBackend, PgPool> =>
  (name, options) =>
    new PostgresQueueBackend(new PooledConnection(pool), name, options);

/** BullMQ's own description of a pool differs from pg's in a `readonly` only. */
export const asBullPool = (pool: pg.Pool): PgPool => pool as PgPool;
