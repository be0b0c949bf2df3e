import { expect } from 'chai';
import pg from 'pg';
import { openBatchQueue, type BatchQueue } from '../../support/batch-queue.js';
import { ownPostgres, type OwnServer } from '../../support/own-server.js';
import { until } from '../../support/poll.js';
import { redisUrl } from '../../support/services/redis.js';
import { sendRedis, storeKinds } from '../../support/stores.js';
import { startWorker, type TestWorker } from '../../support/worker.js';

const batches = 80;
const elementsOf = (batch: number) =>
  Array.from({ length: 5 }, (_, n) => ({
    activityDateTime: '2024-03-01T08:00:00',
    activityStatus: 'DELIVERED',
    mediaType: 'email',
    contactId: n,
    iid: `${batch} ${n}`,
  }));

for (const kind of storeKinds)
  describe(`PostgreSQL away while batches are in work, with the queue on ${kind === 'redis' ? 'Redis' : 'the same server'}`, function () {
    this.timeout(150_000);
    this.slow(30_000);
    let server: OwnServer;
    let queue: BatchQueue;
    let worker: TestWorker;
    before(async () => {
      server = await ownPostgres();
      const queueUrl = kind === 'redis' ? await redisUrl() : server.url;
      if (kind === 'redis') await sendRedis(queueUrl, 'FLUSHALL');
      queue = await openBatchQueue(queueUrl);
      await queue.add(Array.from({ length: batches }, (_, batch) => elementsOf(batch)));
      worker = await startWorker({ databaseUrl: server.url, queueUrl }, { maxActivitiesPerTransaction: 5 });
    });
    after(async () => {
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

    for (const end of ['stop', 'kill'] as const)
      it(`they wait after its ${end}, and all land when it is back, without a restart`, async () => {
        await queue.add(Array.from({ length: batches }, (_, batch) => elementsOf(end === 'stop' ? batch : batch + batches)));
        const atFirst = await count('vidhuk.batch');
        await until('some batches are done', async () => (await count('vidhuk.batch')) >= atFirst + 5, { timeoutMs: 60_000 });
        const failures = () => worker.captured.lines().filter(({ msg }) => msg === 'a job could not be done and waits').length;
        const failuresAtFirst = failures();
        await server[end]();
        await until('batches wait', () => failures() >= failuresAtFirst + 16, { timeoutMs: 60_000 });
        await server.start();

        const expected = end === 'stop' ? 2 * batches : 3 * batches;
        await until('all batches are done', async () => (await count('vidhuk.batch')) === expected, { timeoutMs: 90_000 });
        await until('the queue is empty', async () => Object.values(await queue.counts()).every((jobs) => jobs === 0), {
          timeoutMs: 60_000,
        });
        expect(await count('vidhuk.rejected_activity')).to.equal(0);
        expect(await count('vidhuk.activity')).to.equal(end === 'stop' ? 5 * batches : 10 * batches);
        expect(await count('vidhuk.contact_status where last_delivered_at is not null')).to.equal(5);
      });
  });
