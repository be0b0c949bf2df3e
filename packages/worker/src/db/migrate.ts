/** `vidhuk migrate`: one at a time, whoever else starts at the same moment. Statements take as long as they take; a lock is waited for 3 s, and then again. */
import {
  ConfigurationError,
  createLogger,
  explainConnectionFailure,
  messageOf,
  migrateQueueStore,
  PostgresClient,
} from '@vidhuk/shared';
import { createDataSource, migrations } from './data-source.js';
import { newerSchema, planMigrations, type MigrationClass } from './kit/plan.js';
import { lockMs, throughLocks } from './kit/through-locks.js';
import { grantRoles } from './grant-roles.js';
import { ensurePartitionsAhead } from './partitions.js';
import { grantSupport } from './support-role.js';
import { requireMigratable } from './require-migratable.js';

/** Any number that nobody else uses in this database: the letters "vidh". */
const advisoryLock = 0x76696468;

/**
 * Brings the database at `databaseUrl`, and the queue's schema where `queueUrl` is PostgreSQL too, up to date. Gives the names of the migrations
 * that it applied; throws a {@link ConnectionFailure} where it cannot connect, and a {@link ConfigurationError} before the first change where the database or its user's rights do not do, or it is of a newer version. TypeORM takes no lock of its own: of four concurrent runs three fail.
 */
export async function migrate(
  databaseUrl: string,
  queueUrl: string,
  moreMigrations: readonly MigrationClass[] = [],
): Promise<string[]> {
  const lock = await openClient(databaseUrl, 'DATABASE_URL');
  const log = createLogger('migrate', 'warn');
  const settings = { name: 'vidhuk migrate', poolSize: 4, log, statementMs: 0, lockMs, moreMigrations };
  const dataSource = createDataSource(databaseUrl, settings);
  const queueInPostgres = !/^rediss?:/.test(queueUrl);
  try {
    await requireMigratable(lock, 'DATABASE_URL');
    if (queueInPostgres && queueUrl !== databaseUrl) await requireQueueMigratable(queueUrl);
    await lock.query('select pg_advisory_lock($1)', [advisoryLock]);
    await lock.query('create schema if not exists vidhuk');
    await dataSource.initialize();
    const plan = await planMigrations(dataSource, [...migrations, ...moreMigrations]);
    const newer = newerSchema(plan);
    if (newer !== undefined) throw new ConfigurationError([newer]);
    await throughLocks(() => dataSource.runMigrations({ transaction: 'each' }), log);
    await grantSupport(dataSource);
    await ensurePartitionsAhead(dataSource, new Date(), (table, month, error) =>
      log.warn({ table, month, err: messageOf(error) }, 'a partition could not be made now; a worker makes it within the hour'),
    );
    if (queueInPostgres) await throughLocks(() => migrateQueueStore(queueUrl), log);
    await grantRoles(lock);
    return plan.pending;
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
    await lock.end();
  }
}

async function openClient(url: string, setting: 'DATABASE_URL' | 'QUEUE_URL'): Promise<PostgresClient> {
  const client = new PostgresClient({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    application_name: 'vidhuk migrate',
  });
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw explainConnectionFailure(error, url, setting);
  }
}

async function requireQueueMigratable(url: string): Promise<void> {
  const client = await openClient(url, 'QUEUE_URL');
  try {
    await requireMigratable(client, 'QUEUE_URL');
  } finally {
    await client.end();
  }
}
