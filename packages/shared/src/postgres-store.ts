/** The queue's store on PostgreSQL: BullMQ's own backend, in the schema `bullmq`. */
import {
  createPostgresBackend,
  Queue,
  runMigrations,
  Worker,
  type JobProgress,
  type PostgresConnectionOptions,
  type PgPool,
  type PostgresQueueBackend,
} from 'bullmq';
import pg from 'pg';
import { withDeadline } from './deadline.js';
import { queuePrefix } from './queue.js';
import { workerOptions, type JobProcessor, type QueueStore, type WorkerSettings } from './queue-store.js';

const openPool = (url: string, max: number, onError: (error: Error) => void): pg.Pool => {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    // BullMQ sets the search path itself only on pools that it makes with require('pg'), which an ES module does not have.
    options: '-c search_path=bullmq -c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s',
    connectionTimeoutMillis: 3_000,
    keepAlive: true,
    application_name: 'vidhuk queue',
  });
  pool.on('error', onError);
  return pool;
};

export async function postgresStore(url: string, onError: (error: Error) => void): Promise<QueueStore> {
  const pools: pg.Pool[] = [];
  const connect = (max: number): PgPool => {
    const pool = openPool(url, max, onError);
    pools.push(pool);
    return pool as PgPool; // BullMQ's own description of a pool differs from pg's in a `readonly` only
  };
  const own = connect(2);
  try {
    await own.query('select 1');
  } catch (error) {
    await own.end();
    throw error;
  }

  return {
    kind: 'postgres',
    async openQueue<Data>(name: string) {
      const queue = new Queue<Data, void, string, Data, void, string, PostgresQueueBackend, PostgresConnectionOptions>(
        name,
        { connection: connect(8), prefix: queuePrefix },
        createPostgresBackend,
      );
      queue.on('error', onError);
      await withDeadline('opening the queue', 10_000, queue.waitUntilReady());
      return queue;
    },
    async openWorker<Data>(name: string, process: JobProcessor<Data>, settings: WorkerSettings) {
      // One connection stays with LISTEN; the jobs in work share the others.
      const connection = connect(4);
      const worker = new Worker<Data, void, string, PostgresQueueBackend, JobProgress, PostgresConnectionOptions>(
        name,
        process,
        { ...workerOptions, ...settings, connection, prefix: queuePrefix },
        createPostgresBackend,
      );
      worker.on('error', onError);
      await withDeadline('opening the worker', 10_000, worker.waitUntilReady());
      return worker;
    },
    async checkWritable() {
      // A transactional message is written to the log and flushed by its commit, and needs no table.
      await own.query(`select pg_logical_emit_message(true, 'vidhuk', 'writable')`);
    },
    async durabilityProblems() {
      const { rows } = await own.query<{ fsync: string; commit: string }>(
        `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`,
      );
      const problems: string[] = [];
      if (rows[0]?.fsync !== 'on') problems.push('PostgreSQL has fsync off: set "fsync = on" in postgresql.conf');
      if (rows[0]?.commit === 'off')
        problems.push('PostgreSQL has synchronous_commit off: set "synchronous_commit = on" in postgresql.conf');
      return problems;
    },
    async close() {
      await Promise.all(pools.map((pool) => pool.end()));
    },
  };
}

/** Creates or upgrades BullMQ's schema in the database at `url`. */
export async function migratePostgresStore(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await runMigrations(client);
  } finally {
    await client.end();
  }
}
