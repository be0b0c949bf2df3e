/** Vidhuk itself, as it is built and run: an ingress, workers, a queue, a database. */
import { batchQueueName, openQueueStore } from '../../../packages/shared/src/index.js';
import { migrate } from '../../../packages/worker/src/db/migrate.js';
import { startService } from '../../support/processes.js';
import type { StoreKind } from '../../support/stores.js';
import type { Contestant, Entry, Stores } from '../contestant.js';
import { nodeOptionsOf, query } from '../servers.js';

export interface VidhukShape {
  queue: StoreKind;
  workers: number;
  actions?: 'none' | 'matching' | 'turning';
}

const token = 'token-of-the-benchmark';

const actions = {
  none: '',
  // About 5 % of the simulated activities.
  matching: 'actions: [{ name: act, when: { status: UNDELIVERED }, run: log, with: { message: matched }, dryRun: true }]\n',
  turning: 'actions: [{ name: act, when: { becomes: unsubscribed }, run: log, with: { message: turned }, dryRun: true }]\n',
};

export const vidhuk = (name: string, shape: VidhukShape): Contestant => ({ name, open: (stores) => openVidhuk(stores, shape) });

/** What Vidhuk's own sections of the benchmark need beside what every contestant has. */
export interface VidhukEntry extends Entry {
  databaseUrl: string;
  /** Of the hook of a workflow's block that is answered with what is known of the contact. */
  askUrl: string;
  /** The queue takes batches and gives none to the workers, until the next release. */
  hold: () => Promise<void>;
}

export async function openVidhuk({ databaseUrl, redisUrl }: Stores, shape: VidhukShape): Promise<VidhukEntry> {
  const queueUrl = shape.queue === 'redis' ? redisUrl : databaseUrl;
  await migrate(databaseUrl, queueUrl);
  const config = `sources: { main: { tokens: [${token}], workflows: { ask: { answer: contact } } } }\n${actions[shape.actions ?? 'none']}`;
  const settings = { databaseUrl, queueUrl, config };
  const store = await openQueueStore(queueUrl, () => undefined); // commands reject, and end the run
  const queue = await store.openQueue(batchQueueName);
  await queue.pause();
  const start = (name: 'ingress' | 'worker') => startService(name, { ...settings, nodeOptions: nodeOptionsOf(name) });
  const ingress = await start('ingress');
  const workers = await Promise.all(Array.from({ length: shape.workers }, () => start('worker')));
  const close = async () => {
    await Promise.all([ingress, ...workers].map((service) => service.stop()));
    await queue.close();
    await store.close();
  };
  const [address = ''] = await Promise.all([ingress, ...workers].map((service) => service.address())).catch(
    async (error: unknown) => {
      await close();
      throw error;
    },
  );
  return {
    databaseUrl,
    url: `${address}/webhooks/esputnik/main/${token}`,
    askUrl: `${address}/workflows/esputnik/main/ask/${token}`,
    processes: { ingress: ingress.pid, ...Object.fromEntries(workers.map(({ pid }, nth) => [`worker ${nth + 1}`, pid])) },
    hold: () => queue.pause(),
    release: () => queue.resume(),
    async isDrained() {
      const counts = await queue.getJobCounts('waiting', 'active');
      return Object.values(counts).every((count) => count === 0);
    },
    async count() {
      const [row] = await query<{ activities: number; contacts: number }>(
        databaseUrl,
        `select (select count(*) from vidhuk.activity)::int as activities, (select count(*) from vidhuk.contact_status)::int as contacts`,
      );
      return row ?? { activities: 0, contacts: 0 };
    },
    close,
  };
}
