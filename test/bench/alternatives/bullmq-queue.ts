/** The queue of the two alternatives on BullMQ, as its documentation sets it up. */
import { Queue, Worker, type JobsOptions } from 'bullmq';
import type { Stores } from '../contestant.js';
import type { Alternative, WebhookEvent } from './alternative.js';
import { endWith } from './end-with.js';

const name = 'events';
const jobOptions: JobsOptions = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 50 },
  removeOnComplete: true,
};

type Work = (event: WebhookEvent) => Promise<void>;

/** `open` connects to the database and gives the work of one job; `concurrency` jobs run at once in each worker. */
export function bullmqQueue(
  concurrency: number,
  open: (stores: Stores) => Promise<Work>,
): Pick<Alternative, 'openQueue' | 'openWorker'> {
  return {
    async openQueue({ redisUrl }) {
      const queue = new Queue<WebhookEvent>(name, { connection: { url: redisUrl } });
      await queue.waitUntilReady();
      return async (events) => {
        await queue.addBulk(events.map((data) => ({ name: 'event', data, opts: jobOptions })));
      };
    },
    async openWorker(stores, done) {
      const work = await open(stores);
      const connection = { url: stores.redisUrl, maxRetriesPerRequest: null };
      const worker = new Worker<WebhookEvent>(name, ({ data }) => work(data).then(done), {
        connection,
        concurrency,
        autorun: false,
      });
      worker.on('failed', (job, error) => {
        if (job === undefined || job.finishedOn !== undefined) endWith(error); // else it is tried again
      });
      worker.on('error', endWith);
      await worker.waitUntilReady();
      return () => void worker.run().catch(endWith);
    },
  };
}
