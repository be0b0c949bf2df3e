import { expect } from 'chai';
import pg from 'pg';
import { openBatchQueue, type BatchQueue } from '../../support/batch-queue.js';
import { ownPostgres, type OwnServer } from '../../support/own-server.js';
import { until } from '../../support/poll.js';
import { redisUrl } from '../../support/services/redis.js';
import { sendRedis, storeKinds } from '../../support/stores.js';
import { startWorker, type TestWorker } from '../../support/worker.js';

const batches = 150;
const elementsOf = (batch: number) =>
  Array.from({ length: 5 }, (_, n) => ({
    activityDateTime: '2024-03-01T08:00:00',
    activityStatus: 'DELIVERED',
    mediaType: 'email',
    contactId: n + 1,
    iid: `${batch} ${n}`,
  }));

for (const kind of storeKinds)
  describe(`PostgreSQL away while batches are in work, with the queue on ${kind === 'redis' ? 'Redis' : 'the same server'}`, function () {
    this.timeout(150_000);
    this.slow(30_000);
    let server: OwnServer;
    let queue: BatchQueue;
    let worker: TestWorker;
    beforeEach(async () => {
      server = await ownPostgres();
      const queueUrl = kind === 'redis' ? await redisUrl() : server.url;
      if (kind === 'redis') await sendRedis(queueUrl, 'FLUSHALL');
      queue = await openBatchQueue(queueUrl);
      await queue.add(Array.from({ length: batches }, (_, batch) => elementsOf(batch)));
      worker = await startWorker({ databaseUrl: server.url, queueUrl }, { maxActivitiesPerTransaction: 5 });
    });
    afterEach(async () => {
      await worker.close();
      await queue.close();
      await server.stop();
    });

    const count = async (what: string): Promise<number> => {
      const client = new pg.Client({ connectionString: server.url });
      await client.connect();
      try {
        const { rows } = await client.query<{ count: string }>(`select count(*) as count from ${what}`);
        return Number(rows[0]?.count);
      } finally {
        await client.end();
      }
    };

    // On one server, jobs whose end could not be noted stay locked for 30 s: one such test is enough.
    for (const end of kind === 'redis' ? (['stop', 'kill'] as const) : (['kill'] as const))
      it(`they wait after its ${end}, and all land when it is back, without a restart`, async () => {
        await until('some batches are done', async () => (await count('vidhuk.batch')) >= 5, { timeoutMs: 60_000 });
        const failures = () => worker.captured.lines().filter(({ msg }) => msg === 'a job could not be done and waits').length;
        await server[end]();
        await until('batches wait', () => failures() >= 16, { timeoutMs: 60_000 });
        await server.start();

        await until('all batches are done', async () => (await count('vidhuk.batch')) === batches, { timeoutMs: 90_000 });
        await until('the queue is empty', async () => Object.values(await queue.counts()).every((jobs) => jobs === 0), {
          timeoutMs: 60_000,
        });
        expect(await count('vidhuk.rejected_activity')).to.equal(0);
        expect(await count('vidhuk.activity')).to.equal(5 * batches);
        expect(await count('vidhuk.contact_status where last_delivered_at is not null')).to.equal(5);
      });
  });
