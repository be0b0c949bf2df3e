/** A worker of a queue whose jobs may be tiny or huge: it holds as many as memory takes, and gives none up. */
import type { Configuration, JobWorker, Logger, QueueStore } from '@vidhuk/shared';
import { createConsumer, type JobObserver } from '../queue/consumer.js';
import { HandSize } from './hand-size.js';

export interface SizedWorkerParts {
  store: QueueStore;
  settings: Pick<Configuration['worker'], 'concurrency' | 'maxBytesInFlight'>;
  observer: JobObserver;
  log: Logger;
  signal: AbortSignal;
}

/** Takes jobs of the queue `name` as soon as its `run()` is called. `work` rejects for infrastructure failures only, and is then called again. */
export async function openSizedWorker<Job extends { bytes: number }>(
  name: string,
  work: (job: Job) => Promise<void>,
  { store, settings, observer, log, signal }: SizedWorkerParts,
): Promise<JobWorker<Job>> {
  const hand = new HandSize(settings);
  const hold = async (job: Job) => {
    hand.taken(job.bytes);
    worker.concurrency = hand.size;
    try {
      await work(job);
    } finally {
      hand.left();
      worker.concurrency = hand.size;
    }
  };
  const consumer = createConsumer({ work: hold, log, signal, observer });
  const worker = await store.openWorker(name, consumer, { concurrency: hand.size });
  worker.on('active', () => hand.fetched());
  worker.on('drained', () => {
    hand.queueEmpty();
    worker.concurrency = hand.size;
  });
  return worker;
}
