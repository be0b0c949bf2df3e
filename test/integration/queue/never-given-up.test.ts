import { expect } from 'chai';
import {
  batchQueueName,
  openQueueStore,
  type JobProcessor,
  type JobWorker,
  type QueueStore,
} from '../../../packages/shared/src/index.js';
import { openBatchQueue, type BatchQueue } from '../../support/batch-queue.js';
import { until } from '../../support/poll.js';
import { openStores, storeKinds, type Stores } from '../../support/stores.js';

/** Whoever died with a batch has it for so long. */
const lockMs = 1_000;

for (const kind of storeKinds)
  describe(`a batch is never given up, queue on ${kind}:`, () => {
    let stores: Stores;
    let batches: BatchQueue;
    let store: QueueStore;
    let workers: JobWorker<unknown>[];
    beforeEach(async () => {
      stores = await openStores(kind);
      batches = await openBatchQueue(stores.queueUrl);
      store = await openQueueStore(stores.queueUrl, () => undefined, lockMs);
      workers = [];
      await batches.add(['[]']);
    });
    afterEach(async () => {
      await Promise.all(workers.map((worker) => worker.close()));
      await store.close();
      await batches.close();
      await stores.drop();
    });

    const startWorker = async (process: JobProcessor<unknown>) => {
      const worker = await store.openWorker(batchQueueName, process, { concurrency: 1 });
      workers.push(worker);
      void worker.run();
      return worker;
    };
    const isEmpty = async () => Object.values(await batches.counts()).every((jobs) => jobs === 0);

    it('one that failed thirty times is tried again', async () => {
      let attempts = 0;
      const fail = () => (++attempts <= 30 ? Promise.reject(new Error('away')) : Promise.resolve());
      await startWorker(fail);
      await until('it is done', () => attempts === 31);
      await until('the queue is empty', isEmpty);
    });

    it('one with which three workers died is taken by a fourth', async () => {
      let taken = 0;
      for (let death = 1; death <= 3; death++) {
        const worker = await startWorker(() => {
          taken++;
          return new Promise(() => undefined);
        });
        await until('it is taken', () => taken === death);
        await worker.close(true); // its lock stays until it runs out
      }
      await startWorker(() => {
        taken++;
        return Promise.resolve();
      });
      await until('the queue is empty', isEmpty);
      expect(taken).to.equal(4);
    });
  });
