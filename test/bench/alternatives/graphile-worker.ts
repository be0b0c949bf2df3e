/** One Graphile Worker job per event, and one hand-written statement per job. */
import { Logger, makeWorkerUtils, run, runMigrations } from 'graphile-worker';
import type { Stores } from '../contestant.js';
import type { WebhookEvent } from './alternative.js';
import { defineAlternative } from './define-alternative.js';
import { endWith } from './end-with.js';
import { openPool, storeActivity } from './store-activity.js';

const identifier = 'event';
const concurrentJobs = 10;
/** Its documentation's means against a round trip per job: fetch many, complete many. */
const batching = { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };
const logger = new Logger(() => (level, message) => {
  if ((level as string) === 'error') endWith(message); // its enum exists for the compiler only
});

export const graphileWorker = defineAlternative(import.meta.url, {
  name: 'graphile-worker',
  activities: 20_000,
  prepare: ({ databaseUrl }) => runMigrations({ connectionString: databaseUrl, logger }),
  async openQueue({ databaseUrl }) {
    const { addJobs } = await makeWorkerUtils({ connectionString: databaseUrl, logger });
    return async (events) => {
      await addJobs(events.map((payload) => ({ identifier, payload })));
    };
  },
  async openWorker({ databaseUrl }, done) {
    const pool = await openPool(databaseUrl, concurrentJobs);
    const task = (payload: unknown) => storeActivity(pool, payload as WebhookEvent).then(done, endWith);
    return () => void begin({ databaseUrl }, task).catch(endWith);
  },
});

function begin({ databaseUrl }: Pick<Stores, 'databaseUrl'>, task: (payload: unknown) => Promise<void>): Promise<unknown> {
  return run({
    connectionString: databaseUrl,
    logger,
    noHandleSignals: true,
    taskList: { [identifier]: task },
    preset: { worker: { concurrentJobs, maxPoolSize: 5, ...batching } },
  });
}
