import { expect } from 'chai';
import pg from 'pg';
import { batchQueueName, openQueueStore, type QueueStore } from '../../../packages/shared/src/index.js';
import { openBatchQueue, type BatchQueue } from '../../support/batch-queue.js';
import { until } from '../../support/poll.js';
import { openStores, type Stores } from '../../support/stores.js';

const lockMs = 1_000; // a process that other ones hold up for half of it cannot renew its lock in time
const anHour = 3_600_000;

/** On Redis there is nothing to take back: what expires there does so by the server's clock. */
describe('a worker whose clock was an hour ahead, queue on postgres', () => {
  let stores: Stores;
  let batches: BatchQueue;
  let store: QueueStore;
  let database: pg.Client;
  beforeEach(async () => {
    stores = await openStores('postgres');
    batches = await openBatchQueue(stores.queueUrl);
    store = await openQueueStore(stores.queueUrl, () => undefined, lockMs);
    database = new pg.Client({ connectionString: stores.queueUrl });
    await database.connect();
  });
  afterEach(async () => {
    await database.end();
    await store.close();
    await batches.close();
    await stores.drop();
  });

  /** Takes everything that is there with another worker, which has a right clock; gives the ids in order. */
  const takeAll = async (count: number, rateLimit: { max: number; perMs: number } | null = null): Promise<string[]> => {
    const taken: string[] = [];
    const take = (job: { id?: string | undefined }) => {
      taken.push(job.id ?? '');
      return Promise.resolve();
    };
    const worker = await store.openWorker(batchQueueName, take, { concurrency: 2, rateLimit });
    const running = worker.run();
    try {
      await until('all are taken', () => taken.length >= count, { timeoutMs: 8_000 });
    } finally {
      await worker.close();
      await running;
    }
    return taken;
  };
  const later = Date.now() + anHour;

  it('and that died with a batch: another one takes it', async () => {
    const [job] = await batches.add(['[]']);
    await database.query(
      `update bullmq.job set state = 'active', lock_token = 'dead', locked_until_ms = $1, attempts_started = 1`,
      [later],
    );
    expect(await takeAll(1)).to.deep.equal([job?.id]);
  });

  it('and that had looked for the batches of dead ones: others look again', async () => {
    const [job] = await batches.add(['[]']);
    await database.query(
      `update bullmq.job set state = 'active', lock_token = 'dead', locked_until_ms = 0, attempts_started = 1`,
    );
    await database.query(`insert into bullmq.meta (queue, field, value) values ($1, 'stalled-check', $2)`, [
      batchQueueName,
      later,
    ]);
    expect(await takeAll(1)).to.deep.equal([job?.id]);
  });

  it('and that had used up a rate: others go on at their rate', async () => {
    const [job] = await batches.add(['[]']);
    await database.query('insert into bullmq.rate_limit (queue, points, expire_at_ms) values ($1, 1, $2)', [
      batchQueueName,
      later,
    ]);
    expect(await takeAll(1, { max: 1, perMs: 100 })).to.deep.equal([job?.id]);
  });

  it('holds no lock of a worker that is at work shorter than its time', async () => {
    await batches.add(['[]']);
    let runs = 0;
    const work = async () => {
      runs++;
      await new Promise((resolve) => setTimeout(resolve, 3 * lockMs));
    };
    const worker = await store.openWorker(batchQueueName, work, { concurrency: 2 });
    const running = worker.run();
    await until('it is done', async () => Object.values(await batches.counts()).every((count) => count === 0), {
      timeoutMs: 8_000,
    });
    await worker.close();
    await running;
    expect(runs).to.equal(1);
  });
});
