/** What the store behind the queues can do; whether it is Redis or PostgreSQL nobody above knows. */
import type { Job, Queue, Worker } from 'bullmq';
import { withDeadline } from './deadline.js';
import { manyTimes } from './queue.js';

/** What is used of BullMQ's queue and worker; these parts are the same whichever backend is below. */
export type JobQueue<Data> = Pick<
  Queue<Data, void, string, Data, void, string>,
  | 'name'
  | 'add'
  | 'addBulk'
  | 'getJob'
  | 'getJobCounts'
  | 'getCountsPerPriority'
  | 'getRanges'
  | 'isPaused'
  | 'pause'
  | 'resume'
  | 'retryJobs'
  | 'drain'
  | 'upsertJobScheduler'
  | 'removeJobScheduler'
  | 'getJobSchedulers'
  | 'close'
>;
/** `concurrency` may change while it runs. */
export type JobWorker<Data> = Pick<Worker<Data, void>, 'name' | 'run' | 'isRunning' | 'close' | 'concurrency'> & {
  /** `active`: a job was fetched, and begins later; `drained`: the queue had nothing more to give. In the order of the fetches. */
  on: (event: 'active' | 'drained', listener: () => void) => unknown;
};
/** Does one job. `token` is the lock under which this process holds it. */
export type JobProcessor<Data> = (job: Job<Data, void>, token?: string) => Promise<void>;

export interface WorkerSettings {
  /** Jobs in work at once. */
  concurrency: number;
  /** Of all workers of the queue together. */
  rateLimit?: { max: number; perMs: number } | null;
}

/** How much a store holds, and may hold. */
export interface Room {
  usedBytes: number;
  limitBytes: number;
}

export interface QueueStore {
  readonly kind: 'redis' | 'postgres';
  /** Connections to PostgreSQL that it takes at most, per process; 0 where the queues are elsewhere. */
  readonly databaseConnections: number;
  /** A queue to put jobs into and to count; its commands fail fast when the store is away. */
  openQueue<Data>(name: string): Promise<JobQueue<Data>>;
  /** A worker that takes jobs as soon as its `run()` is called, and waits through outages. */
  openWorker<Data>(name: string, process: JobProcessor<Data>, settings: WorkerSettings): Promise<JobWorker<Data>>;
  /** Rejects, in the store's own words, where this user may not do what every process does; whether the store works otherwise is not asked. */
  checkRights(): Promise<void>;
  /** Makes one real, durable write; rejects when the store would not take a batch now. */
  checkWritable(): Promise<void>;
  /** null where nothing limits it but its disk, of which nobody tells. */
  room(): Promise<Room | null>;
  /** What would let the store lose an acknowledged batch in a crash, each with the exact setting to change; empty when it is durable. */
  durabilityProblems(): Promise<string[]>;
  /** Of the server, for example `7.2.4`. */
  version(): Promise<string>;
  /** Its clock, in ms since 1970. */
  clockMs(): Promise<number>;
  /** Ends the store's own connections, after its queues and workers were closed. */
  close(): Promise<void>;
}

/** A worker's options as BullMQ takes them. Stalls are as little final as attempts are; see `manyTimes`. */
export const workerOptions = ({ concurrency, rateLimit }: WorkerSettings, lockMs: number) => ({
  concurrency,
  ...(rateLimit ? { limiter: { max: rateLimit.max, duration: rateLimit.perMs } } : {}),
  autorun: false,
  maxStalledCount: manyTimes,
  lockDuration: lockMs,
  stalledInterval: lockMs / 2,
  runRetryDelay: 1_000,
  maximumRateLimitDelay: lockMs, // asks again at the latest then: the limit may have been taken back, see `postgres-clock.ts`
});

/** A queue or worker once it is ready; one that does not get ready in time is closed. */
export async function whenReady<T extends { waitUntilReady(): Promise<void>; close(): Promise<void> }>(
  opened: T,
  what: string,
): Promise<T> {
  try {
    await withDeadline(what, 10_000, opened.waitUntilReady());
    return opened;
  } catch (error) {
    opened.close().catch(() => undefined); // it was never open
    throw error;
  }
}
