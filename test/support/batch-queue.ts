/** The queue of batches as a test needs it, without an ingress. */
import { randomUUID } from 'node:crypto';
import {
  batchJobOptions,
  batchQueueName,
  openQueueStore,
  packBody,
  type BatchJob,
  type JobQueue,
} from '../../packages/shared/src/index.js';

export interface BatchQueue {
  queue: JobQueue<BatchJob>;
  /** Puts bodies in, as the ingress does; gives the jobs. */
  add: (bodies: readonly (string | readonly unknown[])[]) => Promise<BatchJob[]>;
  /** Jobs by state. */
  counts: () => Promise<Record<string, number>>;
  close: () => Promise<void>;
}

export async function openBatchQueue(queueUrl: string): Promise<BatchQueue> {
  const store = await openQueueStore(queueUrl, () => undefined);
  const queue = await store.openQueue<BatchJob>(batchQueueName);
  return {
    queue,
    async add(bodies) {
      const jobs = await Promise.all(bodies.map(jobOf));
      for (const job of jobs) await queue.add('batch', job, { ...batchJobOptions, jobId: job.id });
      return jobs;
    },
    counts: () => queue.getJobCounts('waiting', 'active', 'delayed', 'failed', 'completed'),
    async close() {
      await queue.close();
      await store.close();
    },
  };
}

export async function jobOf(body: string | readonly unknown[]): Promise<BatchJob> {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return {
    id: timedId(),
    source: 'main',
    timeZone: 'UTC',
    receivedAt: new Date().toISOString(),
    bytes: bytes.length,
    body: await packBody(bytes),
  };
}

/** As a UUID version 7 it carries the time, in ms since 1970. */
export function timedId(ms = Date.now()): string {
  const time = ms.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
