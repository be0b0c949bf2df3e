/** The queue's store on Redis (or Valkey). */
import { createHash } from 'node:crypto';
import type { Redis, RedisOptions } from 'ioredis';
import { withDeadline } from './deadline.js';
import { messageOf } from './errors.js';
import { KeptWrites } from './kept-writes.js';
import { LargeJobsQueue } from './large-jobs-queue.js';
import { PatientWorker } from './patient-worker.js';
import { RedisClient } from './redis-client.js';
import { batchQueueName, queuePrefix } from './queue.js';
import { whenReady, workerOptions, type JobProcessor, type QueueStore, type WorkerSettings } from './queue-store.js';

/** A failover leaves a connection at a replica: reconnect when it says READONLY, and where commands may wait send it again. */
const reconnectOnError = (error: Error): 2 | false => (error.message.startsWith('READONLY') ? 2 : false);
const retryStrategy = (times: number): number => Math.min(100 * 2 ** Math.min(times, 8), 5_000) * (0.5 + Math.random() / 2);

/** A connection by which nothing comes although an answer is due is dead: it is ended, and another one is made. The kernel alone would wait for a quarter of an hour. */
const keepAlive = 10_000;

/** For whoever gives an answer to somebody: no offline queue, one retry, an end to every command. */
const failFast: RedisOptions = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  commandTimeout: 5_000,
  socketTimeout: 5_000,
  keepAlive,
  connectTimeout: 3_000,
  retryStrategy,
  reconnectOnError,
  lazyConnect: true,
};
/** For jobs of megabytes: as long as the receiver waits for one, see `enqueueTimeoutMs`. */
const forLarge: RedisOptions = { ...failFast, commandTimeout: 120_000, socketTimeout: 120_000 };
/** For workers: BullMQ wants commands to wait for the connection. */
const waitThrough: RedisOptions = {
  maxRetriesPerRequest: null,
  socketTimeout: 30_000, // BullMQ's own waits for a job take 10 s at most
  keepAlive,
  connectTimeout: 3_000,
  retryStrategy,
  reconnectOnError,
  lazyConnect: true,
};

/** Looks at a key of the batches, as the scripts of their queue do. */
const lookingScript = `return redis.call('exists', KEYS[1])`;
const ofBatches = `${queuePrefix}:${batchQueueName}:meta`;

export async function redisStore(url: string, onError: (error: Error) => void, lockMs: number): Promise<QueueStore> {
  const connect = (options: RedisOptions): Redis => {
    const redis = new RedisClient(url, options);
    redis.on('error', onError);
    return redis;
  };
  // Whoever waits for the connection hears that it is closed, or nothing; why, only this event tells.
  let cause: Error | undefined;
  const remember = (error: Error) => (cause = error);
  const queues = connect(failFast);
  const kept = new KeptWrites(queues);
  // BullMQ makes a copy of it for each worker to block on.
  const workers = connect(waitThrough);
  let large: { connection: Redis; kept: KeptWrites } | undefined;
  const openLarge = () => {
    const connection = connect(forLarge);
    return { connection, kept: new KeptWrites(connection) };
  };
  const disconnect = () => {
    for (const connection of [queues, workers, large?.connection]) connection?.disconnect();
  };
  try {
    queues.on('error', remember);
    await withDeadline('connecting to Redis', 5_000, Promise.all([queues.connect(), workers.connect()]));
    // The client chooses the database by itself, and tells nobody where there is none of that number.
    if (queues.options.db) await queues.select(queues.options.db);
  } catch (error) {
    disconnect();
    throw cause ?? error;
  } finally {
    queues.off('error', remember);
  }

  const setWritable = () => queues.set(`${queuePrefix}:writable`, Date.now(), 'PX', 60_000);
  return {
    kind: 'redis',
    databaseConnections: 0,
    async openQueue<Data>(name: string) {
      const options = { connection: queues, prefix: queuePrefix, streams: { events: { maxLen: 1_000 } } };
      const queue = new LargeJobsQueue<Data>(name, options, kept, () => (large ??= openLarge()));
      queue.on('error', onError);
      return whenReady(queue, 'opening the queue');
    },
    async openWorker<Data>(name: string, process: JobProcessor<Data>, settings: WorkerSettings) {
      const worker = new PatientWorker<Data>(name, process, {
        ...workerOptions(settings, lockMs),
        connection: workers,
        prefix: queuePrefix,
      });
      worker.on('error', onError);
      return whenReady(worker, 'opening the worker');
    },
    async checkRights() {
      const answers = await Promise.allSettled([
        queues.info('server'),
        setWritable(),
        queues.eval(lookingScript, 1, ofBatches),
        queues.evalsha(createHash('sha1').update(lookingScript).digest('hex'), 1, ofBatches),
      ]);
      for (const answer of answers)
        if (answer.status === 'rejected' && messageOf(answer.reason).startsWith('NOPERM')) throw answer.reason;
    },
    async checkWritable() {
      await setWritable();
      await kept.check();
    },
    async room() {
      const about = await queues.info('memory');
      const read = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(about)?.[1] ?? 0);
      const limitBytes = read('maxmemory');
      return limitBytes === 0 ? null : { usedBytes: read('used_memory'), limitBytes };
    },
    async durabilityProblems() {
      const wanted = { appendonly: 'yes', appendfsync: 'always', 'maxmemory-policy': 'noeviction' };
      const problems: string[] = [];
      for (const [setting, value] of Object.entries(wanted)) {
        const actual = await readSetting(queues, setting);
        if (actual !== value) problems.push(`Redis has ${setting} ${actual}: set "${setting} ${value}" in redis.conf`);
      }
      return problems;
    },
    async version() {
      const about = await queues.info('server');
      return /^redis_version:(\S+)/m.exec(about)?.[1] ?? '(unknown)';
    },
    async clockMs() {
      const [seconds, microseconds] = await queues.time();
      return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
    },
    close() {
      disconnect();
      return Promise.resolve();
    },
  };
}

/** Managed services and restricted users may not be told: then nobody can say that the store is durable. */
async function readSetting(redis: Redis, setting: string): Promise<string> {
  try {
    const [, value] = (await redis.config('GET', setting)) as string[];
    return value ?? '(unknown)';
  } catch (error) {
    if (error instanceof Error && error.name === 'ReplyError') return `(unknown: ${error.message})`;
    throw error;
  }
}
