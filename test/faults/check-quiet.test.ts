/** What the checks of `npm run faults` are worth: each finds what was planted. */
import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { batchQueueName, openQueueStore, type QueueStore } from '../../packages/shared/src/index.js';
import { followUpQueueName } from '../../packages/worker/src/follow-up/action-runner.js';
import { openBatchQueue } from '../support/batch-queue.js';
import { until } from '../support/poll.js';
import { openStores, storeKinds, type Stores } from '../support/stores.js';
import { checkQuiet, untilFollowUpsSettled, type Watched } from './check-quiet.js';
import { databaseConnections } from './configuration.js';

for (const kind of storeKinds)
  describe(`the check that a cluster is quiet, queue on ${kind}, finds`, () => {
    let stores: Stores;
    let store: QueueStore;
    let watched: Watched;
    let clients: pg.Client[] = [];
    const usage = { rss: 100 * 2 ** 20, descriptors: 40 };
    let ready = true;
    beforeEach(async () => {
      stores = await openStores(kind);
      store = await openQueueStore(stores.queueUrl, () => undefined);
      ready = true;
      Object.assign(usage, { rss: 100 * 2 ** 20, descriptors: 40 });
      const untilReady = () => (ready ? Promise.resolve() : Promise.reject(new Error('worker-1 is not ready')));
      watched = {
        queueUrl: stores.queueUrl,
        processes: new Map([['worker-1', { name: 'worker-1', untilReady, usage: () => usage }]]),
        async withClient(work) {
          const client = new pg.Client({ connectionString: stores.databaseUrl });
          await client.connect();
          return work(client).finally(() => client.end());
        },
      };
    });
    afterEach(async () => {
      await Promise.all(clients.splice(0).map((client) => client.end()));
      await store.close();
      await stores.drop();
    });
    const check = () => checkQuiet(watched, { queuesMs: 50, readyMs: 50, idleMs: 0 });
    const connect = async (application_name: string) => {
      const client = new pg.Client({ connectionString: stores.databaseUrl, application_name });
      clients = [...clients, client];
      await client.connect();
      return client;
    };

    it('nothing where nothing is', async () => {
      expect(await check()).to.deep.equal([]);
      expect(await untilFollowUpsSettled(watched, 50)).to.deep.equal([]);
    });

    it('a batch that waits, and one that is active without anybody at work on it', async () => {
      const batches = await openBatchQueue(stores.queueUrl);
      await batches.add([[]]);
      expect((await check()).join()).to.match(/the queue activity-batches is not empty: .*"waiting":1,"active":0/);
      let letGo: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (letGo = resolve));
      const worker = await store.openWorker(batchQueueName, () => held, { concurrency: 1 });
      void worker.run();
      await until('it is active', async () => (await batches.counts()).active === 1);
      expect((await check()).join()).to.match(/the queue activity-batches is not empty: .*"waiting":0,"active":1/);
      letGo();
      await worker.close();
      await batches.close();
    });

    it('a job of a follow-up that was left behind', async () => {
      const queue = await store.openQueue<object>(followUpQueueName('tell'));
      await queue.add('follow-up', {}, { jobId: randomUUID() });
      await queue.close();
      expect((await check()).join()).to.include('the queue follow-up.tell is not empty');
    });

    it('a row that is queued without a job, one that waits, and one that failed', async () => {
      const client = await connect('test');
      for (const state of ['queued', 'waiting', 'failed'])
        await client.query(
          `insert into vidhuk.follow_up (id, action, source, activity_key, occurred_at, state, activity)
           values (gen_random_uuid(), 'tell', 'main', gen_random_uuid(), now(), $1, '{}')`,
          [state],
        );
      const left = (await untilFollowUpsSettled(watched, 50)).sort();
      expect(left.map((text) => text.slice(0, -2))).to.deep.equal([
        '1 rows of tell are failed',
        '1 rows of tell are queued',
        '1 rows of tell are waiting',
      ]);
    });

    it('memory and descriptors that grew, and a process that is not ready', async () => {
      ready = false;
      Object.assign(usage, { rss: 2 ** 30, descriptors: 1_000 });
      expect(await check()).to.deep.equal([
        'Error: worker-1 is not ready',
        'worker-1 has 1024 MiB of memory',
        'worker-1 has 1000 open descriptors',
      ]);
    });

    it('a transaction that nobody ends, and connections that nobody gave back', async () => {
      const client = await connect('vidhuk worker');
      await client.query('begin');
      expect((await check()).join()).to.match(/^a connection of vidhuk worker has been idle in a transaction since \d/);
      for (let more = 0; more < databaseConnections; more++) await connect('vidhuk worker');
      expect(await check()).to.include(`${databaseConnections + 1} connections of vidhuk worker`);
    });
  });
