/** Opens the queues' store, Redis or PostgreSQL, chosen by the URL's scheme. */
import type { Configuration } from './config.js';
import { cannotHeal, explainConnectionFailure } from './connection-failure.js';
import { retryForever } from './deadline.js';
import { describeUrl } from './environment.js';
import { ConfigurationError } from './errors.js';
import type { ReadinessCheck } from './health.js';
import type { Logger } from './logger.js';
import { usualLockMs } from './queue.js';
import type { QueueStore } from './queue-store.js';
import { reportTrouble } from './report-trouble.js';

/** Connects to the store at `url`; rejects with a {@link ConnectionFailure} when it cannot be reached now. `onError` hears of later connection errors, which heal by themselves. */
export async function openQueueStore(url: string, onError: (error: Error) => void, lockMs = usualLockMs): Promise<QueueStore> {
  // BullMQ takes a fifth of a second to load, and most commands open no queue.
  const open = isRedis(url) ? (await import('./redis-store.js')).redisStore : (await import('./postgres-store.js')).postgresStore;
  try {
    return await open(url, onError, lockMs);
  } catch (error) {
    throw explain(error, url);
  }
}

/** Rejects with a {@link ConnectionFailure} where the user of `url` may not do what every process does. */
export async function requireStoreRights(store: Pick<QueueStore, 'checkRights'>, url: string): Promise<void> {
  try {
    await store.checkRights();
  } catch (error) {
    throw explain(error, url);
  }
}

const isRedis = (url: string): boolean => /^rediss?:/.test(url);
const explain = (error: unknown, url: string): Error =>
  explainConnectionFailure(error, url, isRedis(url) ? 'QUEUE_URL' : 'QUEUE_URL (DATABASE_URL where that is not set)');

/** Creates or upgrades the schema of the queues in the PostgreSQL database at `url`. */
export async function migrateQueueStore(url: string): Promise<void> {
  await (await import('./postgres-store.js')).migratePostgresStore(url);
}

/**
 * Waits until the store at `url` answers (not where waiting cannot help: then it rejects with a {@link ConnectionFailure}), then checks that it keeps what it acknowledges; a store that would not is refused with a
 * {@link ConfigurationError} unless `allowVolatile`.
 */
export async function openDurableStore(
  url: string,
  { allowVolatile, lockMs }: Configuration['queue'],
  context: { log: Logger; signal: AbortSignal },
): Promise<QueueStore> {
  const { log, signal } = context;
  const onError = reportTrouble(log);
  const open = async () => {
    const store = await openQueueStore(url, onError, lockMs);
    try {
      await requireStoreRights(store, url);
      return { store, problems: await store.durabilityProblems() };
    } catch (error) {
      await store.close(); // it went away between the two
      throw error;
    }
  };
  const { store, problems } = await retryForever(`opening the queue at ${describeUrl(url)}`, open, {
    log,
    signal,
    isFinal: cannotHeal,
  });
  if (problems.length === 0) return store;
  if (allowVolatile) {
    log.warn({ problems }, 'the queue’s store may lose acknowledged batches in a crash; the configuration allows it');
    return store;
  }
  await store.close();
  throw new ConfigurationError(
    problems.map(
      (problem) =>
        `the queue’s store may lose acknowledged batches in a crash: ${problem}; or allow it with "queue: { allowVolatile: true }"`,
    ),
  );
}

/** Whether the store takes a batch now, and whether it still keeps what it acknowledges: its settings may have changed since the start. */
export function storeChecks(store: QueueStore, allowVolatile: boolean): ReadinessCheck[] {
  const checkDurable = async () => {
    const problems = await store.durabilityProblems();
    if (problems.length > 0) throw new Error(problems.join('; '));
  };
  const writable = { name: 'queue', check: () => store.checkWritable() };
  return allowVolatile ? [writable] : [writable, { name: 'durability', check: checkDurable }];
}
