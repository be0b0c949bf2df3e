import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { batchOptions } from '../../../packages/shared/src/index.js';
import { jobOf, openBatchQueue, type BatchQueue } from '../../support/batch-queue.js';
import { until } from '../../support/poll.js';
import { runCli } from '../../support/run-cli.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';
import { openStores, storeKinds, type Stores } from '../../support/stores.js';
import { startWorker, type TestWorker } from '../../support/worker.js';

const elements = (batch: number) =>
  Array.from({ length: 5 }, (_, nth) => ({
    activityDateTime: '2026-11-01T10:00:00',
    activityStatus: 'DELIVERED',
    mediaType: 'email',
    contactId: batch * 100 + nth,
    iid: `${batch}-${nth}`,
  }));

for (const kind of storeKinds)
  describe(`vidhuk replay, the queue on ${kind}`, function () {
    this.timeout(120_000);
    let stores: Stores;
    let client: pg.Client;
    let queue: BatchQueue;
    let worker: TestWorker;
    let config: string;
    const replay = (...args: string[]) =>
      runCli(
        { DATABASE_URL: stores.databaseUrl, QUEUE_URL: stores.queueUrl, VIDHUK_CONFIG: config },
        ...['replay', '--since', '1h', '--json', ...args],
      );
    const rows = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows;
    const all = async () => ({
      log: await rows(
        'select occurred_at, activity_key, contact_id, batch_id, status from vidhuk.activity order by activity_key',
      ),
      contacts: await rows('select contact_id, last_delivered_at from vidhuk.contact_status order by contact_id'),
      batches: await rows('select id, received_at, "new", duplicate, rejected, total, body from vidhuk.batch order by id'),
    });

    before(async () => {
      stores = await openStores(kind);
      config = join(await makeTemporaryDirectory(), 'vidhuk.yaml');
      await writeFile(config, 'sources: { main: { tokens: [test-token-test-token] } }\n');
      client = new pg.Client({ connectionString: stores.databaseUrl });
      await client.connect();
      queue = await openBatchQueue(stores.queueUrl);
      worker = await startWorker(stores);
      for (const batch of [1, 2, 3, 4]) {
        const job = await jobOf(elements(batch));
        await queue.queue.add('batch', job, batchOptions(job, batch === 4 ? 'off' : '1h'));
      }
      await until('they are done', async () => (await rows('select 1 from vidhuk.batch')).length === 4);
    });
    after(async () => {
      await worker.close();
      await queue.close();
      await client.end();
      await stores.drop();
    });

    it('finished batches stay in the queue for as long as keepFinished says', async () => {
      await until('they are finished', async () => {
        const { completed, waiting, active, failed } = await queue.counts();
        return [completed, waiting, active, failed].join() === '3,0,0,0';
      });
    });

    it('changes nothing where nothing was lost', async () => {
      const before = await all();
      const asked = await replay();
      expect([asked.code, asked.json()]).to.deep.equal([1, { bodies: 0, lost: 0 }]);
      expect((await replay('--yes')).json()).to.include({ bodies: 4, lost: 0, cameBack: 0, state: 'done' });
      expect(await all()).to.deep.equal(before);
    });

    it('brings back what a database lost that was older than its queue, and what its log lost of bodies that it has', async () => {
      const before = await all();
      const [first, second] = before.batches.map(({ id }) => id as string);
      await client.query('delete from vidhuk.batch where id = $1', [first]); // a standby that had not got it yet
      await client.query('delete from vidhuk.activity where batch_id = any($1)', [[first, second]]);
      await client.query('delete from vidhuk.contact_status where contact_id < 300');
      await client.query('delete from vidhuk.contact_channel_status where contact_id < 300');
      expect((await replay('--yes')).json()).to.include({ bodies: 3, lost: 1, cameBack: 5, state: 'done' });
      expect(await all()).to.deep.equal(before);
      expect((await queue.counts()).completed).to.equal(3);
    });

    it('is seen in the table act, and says so where nothing is kept', async () => {
      const [act] = await rows(`select detail from vidhuk.act where command = 'replay' order by id desc limit 1`);
      expect(act?.detail).to.include({ source: 'all', of: 4, done: 4, state: 'done' });
      const none = await runCli(
        { DATABASE_URL: stores.databaseUrl, QUEUE_URL: stores.queueUrl, VIDHUK_CONFIG: config },
        ...['replay', '--since', '2999-01-01', '--yes'],
      );
      expect([none.code, none.stderr]).to.deep.equal([
        1,
        'Nothing is kept of what was received since 2999-01-01T00:00:00.000Z.\n',
      ]);
    });
  });
