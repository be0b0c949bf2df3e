/** One pg-boss job per event, and one hand-written statement per job. */
import PgBoss from 'pg-boss';
import type { WebhookEvent } from './alternative.js';
import { defineAlternative } from './define-alternative.js';
import { endWith } from './end-with.js';
import { openPool, storeActivity } from './store-activity.js';

const name = 'events';
const connections = 10;
/** Jobs that are fetched, and completed, at once. */
const batchSize = 200;

export const pgBoss = defineAlternative(import.meta.url, {
  name: 'pg-boss',
  activities: 20_000,
  async prepare({ databaseUrl }) {
    const boss = await openBoss(databaseUrl, { supervise: false });
    await boss.createQueue(name);
    await boss.stop({ graceful: false });
  },
  async openQueue({ databaseUrl }) {
    const boss = await openBoss(databaseUrl, { max: 5 }); // it does the maintenance too
    return (events) => boss.insert(events.map((data) => ({ name, data })));
  },
  async openWorker({ databaseUrl }, done) {
    const boss = await openBoss(databaseUrl, { max: 3, supervise: false });
    const pool = await openPool(databaseUrl, connections);
    const work = (jobs: PgBoss.Job<WebhookEvent>[]) => Promise.all(jobs.map(({ data }) => storeActivity(pool, data).then(done)));
    const begin = async () => {
      const id = await boss.work<WebhookEvent>(
        name,
        { batchSize, pollingIntervalSeconds: 0.5, priority: false },
        async (jobs) => {
          await work(jobs).catch(endWith);
          boss.notifyWorker(id); // there may be more: it does not wait for its next poll
        },
      );
    };
    return () => void begin().catch(endWith);
  },
});

async function openBoss(connectionString: string, settings: PgBoss.ConstructorOptions): Promise<PgBoss> {
  const boss = new PgBoss({ connectionString, schedule: false, ...settings });
  boss.on('error', endWith);
  return boss.start();
}
