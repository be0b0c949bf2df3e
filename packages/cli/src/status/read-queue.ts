/** How the queue of batches fares. */
import { batchQueueName, openQueueStore, type BatchJob } from '@vidhuk/shared';
import { QueueMonitor } from '@vidhuk/worker/queue';

export interface QueueStatus {
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
  /** ms; 0 where nothing waits. */
  oldestMs: number;
  paused: boolean;
}

export async function readQueue(url: string): Promise<QueueStatus> {
  const store = await openQueueStore(url, () => undefined);
  try {
    const queue = await store.openQueue<BatchJob>(batchQueueName);
    try {
      const monitor = new QueueMonitor(queue);
      const { waiting = 0, active = 0, delayed = 0, failed = 0 } = await monitor.counts();
      return {
        waiting,
        active,
        delayed,
        failed,
        oldestMs: Math.round(await monitor.oldestWaitingMs()),
        paused: await monitor.isPaused(),
      };
    } finally {
      await queue.close();
    }
  } finally {
    await store.close();
  }
}
