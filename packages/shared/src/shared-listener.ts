/**
 * One connection by which all workers of a process hear that there are jobs. BullMQ gives each worker one of its own, kept for LISTEN as long as the worker
 * lives: with 64 actions those are 64 connections that do nothing else. Every worker listens to the same channel, and takes what names its queue
 * (`waitForJob` of `postgres-queue-backend.js`, as of 6.7.0), so that one connection tells all of them.
 */
import { PostgresQueueBackend, type BackendFactory, type PgPool, type PostgresConnection } from 'bullmq';
import type pg from 'pg';
import { PooledConnection } from './pooled-connection.js';

/** A worker's connection whose LISTEN is that of `listener`. */
class ListeningTogether extends PooledConnection {
  readonly #tellInvalidated = () => this.emit('listenerinvalidated');

  constructor(
    pool: pg.Pool,
    private readonly listener: PostgresConnection,
  ) {
    super(pool);
    listener.on('listenerinvalidated', this.#tellInvalidated);
  }

  override getListenClient(): ReturnType<PostgresConnection['getListenClient']> {
    return this.listener.getListenClient();
  }

  override get hasListenClientKeepAlive(): boolean {
    return this.listener.hasListenClientKeepAlive;
  }

  override async close(): Promise<void> {
    this.listener.off('listenerinvalidated', this.#tellInvalidated);
    await super.close(); // it has taken no connection of its own
  }
}

export class SharedListener {
  readonly #connection: PostgresConnection;

  /** Takes one connection of `pool` once a worker waits for jobs, and another one when that is lost, of which `onError` hears. */
  constructor(pool: pg.Pool, onError: (error: Error) => void) {
    this.#connection = new PooledConnection(pool);
    this.#connection.on('error', onError);
    this.#connection.setMaxListeners(0); // as many as there are workers
  }

  /**
   * For workers that do everything else by `pool`, instead of BullMQ's `createPostgresBackend`. They have no name in `pg_stat_activity`, as they have no
   * connection there.
   */
  backend(pool: pg.Pool): BackendFactory<PostgresQueueBackend, PgPool> {
    return (name, options) => new PostgresQueueBackend(new ListeningTogether(pool, this.#connection), name, options);
  }

  /** After the workers. */
  close(): Promise<void> {
    return this.#connection.close();
  }
}
