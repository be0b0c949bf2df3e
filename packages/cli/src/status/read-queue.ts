/** How the queues of batches and of requests of workflows fare. */
import { batchQueueName, openQueueStore, workflowQueueName, type QueueStore } from '@vidhuk/shared';
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

interface QueuesStatus {
  batches: QueueStatus;
  requests: QueueStatus;
}

export async function readQueues(url: string): Promise<QueuesStatus> {
  const store = await openQueueStore(url, () => undefined);
  try {
    return { batches: await readQueue(store, batchQueueName), requests: await readQueue(store, workflowQueueName) };
  } finally {
    await store.close();
  }
}

async function readQueue(store: QueueStore, name: string): Promise<QueueStatus> {
  const queue = await store.openQueue<unknown>(name);
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
}
