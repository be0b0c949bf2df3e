import { expect } from 'chai';
import { openBatchQueue } from '../../support/batch-queue.js';
import { ownPostgres } from '../../support/own-server.js';
import { until } from '../../support/poll.js';
import { endServices } from '../../support/processes.js';
import { startReadyWorker } from '../../support/ready-worker.js';
import { redisUrl } from '../../support/services/redis.js';
import { openStores, sendRedis, storeKinds } from '../../support/stores.js';

const config = `
sources: { main: { tokens: [t] } }
queue: { allowVolatile: true }
worker: { concurrency: 5 }
`;
const element = { activityDateTime: '2024-03-01T08:00:00', activityStatus: 'READ', contactId: 1 };

describe('SIGTERM', function () {
  this.timeout(90_000);
  this.slow(20_000);
  after(endServices);

  it('hands batches that wait for the database back at once, and exits 0', async () => {
    const server = await ownPostgres();
    const queueUrl = await redisUrl();
    await sendRedis(queueUrl, 'FLUSHALL');
    const queue = await openBatchQueue(queueUrl);
    const worker = await startReadyWorker({ databaseUrl: server.url, queueUrl, config });
    await server.stop();
    await queue.add(Array.from({ length: 8 }, (_, n) => [{ ...element, iid: String(n) }]));
    await until('batches wait for the database', () => worker.text().split('could not be done and waits').length > 10, {
      timeoutMs: 60_000,
    });
    expect(await queue.counts()).to.include({ active: 5, waiting: 3 });

    const started = Date.now();
    expect(await worker.stop()).to.equal(0);
    expect(Date.now() - started, 'ms to stop').to.be.lessThan(10_000);
    expect(await queue.counts()).to.include({ active: 0, waiting: 8, delayed: 0, failed: 0 });
    await queue.close();
  });

  it('ends a worker within its deadline when database and queue are away together', async () => {
    const server = await ownPostgres();
    const worker = await startReadyWorker({ databaseUrl: server.url, queueUrl: server.url, config });
    await server.stop();
    const started = Date.now();
    expect(await worker.stop()).to.equal(0);
    expect(Date.now() - started, 'ms to stop').to.be.lessThan(30_000);
  });

  for (const kind of storeKinds)
    it(`ends a busy worker without losing or repeating a batch (queue on ${kind})`, async () => {
      const stores = await openStores(kind);
      const queue = await openBatchQueue(stores.queueUrl);
      const worker = await startReadyWorker({ ...stores, config });
      await queue.add(Array.from({ length: 100 }, (_, n) => [{ ...element, iid: String(n) }]));
      await until('it works', () => worker.text().includes('batch done'));
      expect(await worker.stop()).to.equal(0);
      const done = worker.lines().filter(({ msg }) => msg === 'batch done').length;
      const { active, waiting } = await queue.counts();
      expect({ active, waiting }).to.deep.equal({ active: 0, waiting: 100 - done });
      await queue.close();
      await stores.drop();
    });
});
