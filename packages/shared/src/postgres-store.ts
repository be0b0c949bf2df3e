/** The queue's store on PostgreSQL: BullMQ's own backend, in the schema `bullmq`. */
import { Queue, runMigrations, type PgPool, type PostgresQueueBackend } from 'bullmq';
import pg from 'pg';
import { endsWhenDead, PostgresClient, type PostgresClientConfig } from './postgres-client.js';
import { forgetFuture } from './postgres-clock.js';
import { PatientWorker } from './patient-worker.js';
import { asBullPool, pooledBackend } from './pooled-connection.js';
import { batchQueueName, queuePrefix } from './queue.js';
import { SharedListener } from './shared-listener.js';
import { whenReady, workerOptions, type JobProcessor, type QueueStore, type WorkerSettings } from './queue-store.js';
import { workflowQueueName } from './workflow-queue.js';

/**
 * Connections at most, however many queues and workers a process has. Whoever adds and looks; jobs of the feed, which wait for no action; jobs of all
 * actions; the one that listens for all. Opened as they are needed. Three workers and an ingress fit into the 200 of `docker-compose.yml`.
 */
const connections = { ofQueues: 8, ofFeed: 4, ofActions: 32, ofListener: 1 };

/** What comes from outside. */
const feedNames: ReadonlySet<string> = new Set([batchQueueName, workflowQueueName]);

interface PoolSettings {
  max: number;
  /** ms that a statement may take. */
  statementMs: number;
  /** ms that one may wait for a connection, a free one or a new one. */
  connectMs: number;
}

const openPool = (url: string, { max, statementMs, connectMs }: PoolSettings, onError: (error: Error) => void): pg.Pool => {
  const client: PostgresClientConfig = {
    connectionString: url,
    // BullMQ sets the search path itself only on pools that it makes with require('pg'), which an ES module does not have.
    session: {
      search_path: 'bullmq',
      statement_timeout: String(statementMs),
      lock_timeout: '10s',
      idle_in_transaction_session_timeout: '20s',
    },
    connectionTimeoutMillis: connectMs,
    ...endsWhenDead(statementMs),
    application_name: 'vidhuk queue',
  };
  const pool = new pg.Pool({ Client: PostgresClient as unknown as typeof pg.Client, max, ...client });
  pool.on('error', onError);
  // The pool listens to idle connections only, and one may end before whoever asked for it can listen.
  pool.on('connect', (client) => void client.setMaxListeners(0).on('error', () => undefined));
  pool.setMaxListeners(0); // each queue and each worker listens
  return pool;
};

export async function postgresStore(url: string, onError: (error: Error) => void, lockMs: number): Promise<QueueStore> {
  // Somebody waits for the answer.
  const queues = openPool(url, { max: connections.ofQueues, statementMs: 10_000, connectMs: 3_000 }, onError);
  // Nobody waits for it: many jobs that end at once take their turns.
  const forWork = { statementMs: 30_000, connectMs: 10_000 };
  const feed = openPool(url, { max: connections.ofFeed + connections.ofListener, ...forWork }, onError);
  const actions = openPool(url, { max: connections.ofActions, ...forWork }, onError);
  const listener = new SharedListener(feed, onError);
  try {
    await queues.query('select 1');
  } catch (error) {
    await queues.end();
    throw error;
  }

  return {
    kind: 'postgres',
    databaseConnections: Object.values(connections).reduce((sum, each) => sum + each, 0),
    async openQueue<Data>(name: string) {
      const queue = new Queue<Data, void, string, Data, void, string, PostgresQueueBackend, PgPool>(
        name,
        { connection: asBullPool(queues), prefix: queuePrefix },
        pooledBackend(queues),
      );
      queue.on('error', onError);
      return whenReady(queue, 'opening the queue');
    },
    async openWorker<Data>(name: string, process: JobProcessor<Data>, settings: WorkerSettings) {
      const pool = feedNames.has(name) ? feed : actions;
      const worker = new PatientWorker<Data, PostgresQueueBackend, PgPool>(
        name,
        process,
        { ...workerOptions(settings, lockMs), connection: asBullPool(pool), prefix: queuePrefix },
        listener.backend(pool),
      );
      worker.on('error', onError);
      // As often as BullMQ itself looks for the jobs of dead workers.
      const timer = setInterval(() => {
        forgetFuture(queues, name, lockMs, settings.rateLimit?.perMs).catch(onError);
      }, lockMs / 2);
      worker.on('closing', () => clearInterval(timer));
      return whenReady(worker, 'opening the worker');
    },
    // Its tables belong to whoever migrates, who grants what is needed, see `grant-roles.ts` in the worker.
    checkRights: () => Promise.resolve(),
    async checkWritable() {
      // A transactional message is written to the log and flushed by its commit. Beside it no row is added, which takes the rights and the locks of adding one.
      const columns = 'queue, id, seq, name, state, data, opts, priority, delay_ms, max_attempts, added_at_ms';
      await queues.query(
        `with tried as (insert into bullmq.job (${columns}) select ${columns} from bullmq.job where false)
         select pg_logical_emit_message(true, 'vidhuk', 'writable')`,
      );
    },
    room: () => Promise.resolve(null),
    async durabilityProblems() {
      const { rows } = await queues.query<{ fsync: string; commit: string }>(
        `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`,
      );
      const problems: string[] = [];
      if (rows[0]?.fsync !== 'on') problems.push('PostgreSQL has fsync off: set "fsync = on" in postgresql.conf');
      if (rows[0]?.commit === 'off')
        problems.push('PostgreSQL has synchronous_commit off: set "synchronous_commit = on" in postgresql.conf');
      return problems;
    },
    async version() {
      const { rows } = await queues.query<{ version: string }>(`select current_setting('server_version') as version`);
      return rows[0]?.version ?? '(unknown)';
    },
    async clockMs() {
      const { rows } = await queues.query<{ ms: number }>('select extract(epoch from clock_timestamp())::float8 * 1000 as ms');
      return rows[0]?.ms ?? Number.NaN;
    },
    async close() {
      await listener.close();
      await Promise.all([queues.end(), feed.end(), actions.end()]);
    },
  };
}

/** Creates or upgrades BullMQ's schema in the database at `url`. May be called again, and is to be where a lock could not be had in time. */
export async function migratePostgresStore(url: string): Promise<void> {
  const client = new PostgresClient({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await runMigrations(client);
    // Nobody plans by what jobs hold, and the statistics would keep what has been erased from them since.
    await client.query(`
      do $$ begin
        if exists (select from pg_attribute where attrelid = 'bullmq.job'::regclass and attname = 'data' and coalesce(attstattarget, -1) <> 0) then
          -- What is there already goes with a change of the type, which is none: no row is written anew.
          perform set_config('lock_timeout', '1s', true);
          alter table bullmq.job alter column data set statistics 0;
          alter table bullmq.job alter column data type jsonb;
        end if;
      end $$`);
  } finally {
    await client.end();
  }
}
