/** The queues between ingress and worker, in a store that keeps what it acknowledges, for as long as the process runs. */
import type { Configuration } from './config.js';
import { retryForever } from './deadline.js';
import type { Service } from './lifecycle.js';
import { openDurableStore } from './open-queue-store.js';
import type { JobQueue, QueueStore } from './queue-store.js';
import { batchQueueName, type BatchJob } from './queue.js';
import { workflowQueueName, type WorkflowJob } from './workflow-queue.js';

/** Waits until the store at `url` answers; throws a {@link ConfigurationError} for one that may lose batches, unless that is allowed. */
export async function openBatchQueue(
  url: string,
  settings: Configuration['queue'],
  service: Service,
): Promise<{ store: QueueStore; queue: JobQueue<BatchJob> }> {
  const { log, lifecycle } = service;
  const store = await openDurableStore(url, settings, { log, signal: lifecycle.signal });
  lifecycle.onClose('queue store', () => store.close());
  return { store, queue: await openQueue<BatchJob>(store, batchQueueName, service) };
}

/** The queue of requests of the workflow block, in the store of the batches. */
export const openWorkflowQueue = (store: QueueStore, service: Service): Promise<JobQueue<WorkflowJob>> =>
  openQueue<WorkflowJob>(store, workflowQueueName, service);

async function openQueue<Data>(store: QueueStore, name: string, { log, lifecycle }: Service): Promise<JobQueue<Data>> {
  const patience = { log, signal: lifecycle.signal };
  const queue = await retryForever(`opening the queue ${name}`, () => store.openQueue<Data>(name), patience);
  lifecycle.onClose(`queue ${name}`, () => queue.close());
  return queue;
}
