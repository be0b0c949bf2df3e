/** One BullMQ job per event, and one hand-written statement per job. */
import { defineAlternative } from './define-alternative.js';
import { bullmqQueue } from './bullmq-queue.js';
import { openPool, storeActivity } from './store-activity.js';

/** Of each worker. */
const concurrency = 20;

export const bullmq = defineAlternative(import.meta.url, {
  name: 'bullmq',
  activities: 20_000,
  ...bullmqQueue(concurrency, async ({ databaseUrl }) => {
    const pool = await openPool(databaseUrl, concurrency);
    return (event) => storeActivity(pool, event);
  }),
});
