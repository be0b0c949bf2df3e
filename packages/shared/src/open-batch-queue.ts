/** The queue of batches, in a store that keeps what it acknowledges, for as long as the process runs. */
import type { Configuration } from './config.js';
import { retryForever } from './deadline.js';
import type { Service } from './lifecycle.js';
import { openDurableStore } from './open-queue-store.js';
import type { JobQueue, QueueStore } from './queue-store.js';
import { batchQueueName, type BatchJob } from './queue.js';

/** Waits until the store at `url` answers; throws a {@link ConfigurationError} for one that may lose batches, unless that is allowed. */
export async function openBatchQueue(
  url: string,
  settings: Configuration['queue'],
  { log, lifecycle }: Service,
): Promise<{ store: QueueStore; queue: JobQueue<BatchJob> }> {
  const patience = { log, signal: lifecycle.signal };
  const store = await openDurableStore(url, settings, patience);
  lifecycle.onClose('queue store', () => store.close());
  const queue = await retryForever('opening the queue', () => store.openQueue<BatchJob>(batchQueueName), patience);
  lifecycle.onClose('queue', () => queue.close());
  return { store, queue };
}
