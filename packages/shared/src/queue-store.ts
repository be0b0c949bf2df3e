/** The store behind the queues, Redis or PostgreSQL, chosen by the URL's scheme; above this file nothing knows which it is. */
import type { Job, Queue, Worker } from 'bullmq';
import { retryForever } from './deadline.js';
import { describeUrl } from './environment.js';
import { ConfigurationError, messageOf } from './errors.js';
import type { Logger } from './logger.js';
import { postgresStore } from './postgres-store.js';
import { manyTimes } from './queue.js';
import { redisStore } from './redis-store.js';

/** What is used of BullMQ's queue and worker; these parts are the same whichever backend is below. */
export type JobQueue<Data> = Pick<
  Queue<Data, void, string, Data, void, string>,
  'name' | 'add' | 'addBulk' | 'getJob' | 'getJobCounts' | 'getRanges' | 'retryJobs' | 'close'
>;
export type JobWorker<Data> = Pick<Worker<Data, void>, 'name' | 'run' | 'isRunning' | 'close'>;
/** Does one job. `token` is the lock under which this process holds it. */
export type JobProcessor<Data> = (job: Job<Data, void>, token?: string) => Promise<void>;

export interface WorkerSettings {
  /** Jobs in work at once. */
  concurrency: number;
}

export interface QueueStore {
  readonly kind: 'redis' | 'postgres';
  /** A queue to put jobs into and to count; its commands fail fast when the store is away. */
  openQueue<Data>(name: string): Promise<JobQueue<Data>>;
  /** A worker that takes jobs as soon as its `run()` is called, and waits through outages. */
  openWorker<Data>(name: string, process: JobProcessor<Data>, settings: WorkerSettings): Promise<JobWorker<Data>>;
  /** Makes one real, durable write; rejects when the store would not take a batch now. */
  checkWritable(): Promise<void>;
  /** What would let the store lose an acknowledged batch in a crash, each with the exact setting to change; empty when it is durable. */
  durabilityProblems(): Promise<string[]>;
  /** Ends the store's own connections, after its queues and workers were closed. */
  close(): Promise<void>;
}

/** Worker options that hold for every queue. Stalls are as little final as attempts are; see `manyTimes`. */
export const workerOptions = {
  autorun: false,
  maxStalledCount: manyTimes,
  lockDuration: 30_000,
  stalledInterval: 15_000,
  runRetryDelay: 1_000,
} as const;

/** Connects to the store at `url`; rejects when it cannot be reached now. `onError` hears of later connection errors, which heal by themselves. */
export async function openQueueStore(url: string, onError: (error: Error) => void): Promise<QueueStore> {
  return /^rediss?:/.test(url) ? redisStore(url, onError) : postgresStore(url, onError);
}

/**
 * Waits until the store at `url` answers, then checks that it keeps what it acknowledges; a store that would not is refused with a
 * {@link ConfigurationError} unless `allowVolatile`.
 */
export async function openDurableStore(
  url: string,
  allowVolatile: boolean,
  context: { log: Logger; signal: AbortSignal },
): Promise<QueueStore> {
  const { log, signal } = context;
  const onError = (error: Error) => log.warn({ err: messageOf(error) }, 'the queue’s store has trouble');
  const store = await retryForever(`opening the queue at ${describeUrl(url)}`, () => openQueueStore(url, onError), {
    log,
    signal,
  });
  const problems = await store.durabilityProblems();
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
