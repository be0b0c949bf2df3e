import { expect } from 'chai';
import { batchJobOptions } from '../../../packages/shared/src/index.js';
import { QueueMonitor } from '../../../packages/worker/src/queue/queue-monitor.js';
import { jobOf, openBatchQueue, timedId } from '../../support/batch-queue.js';
import { openStores, storeKinds } from '../../support/stores.js';

for (const kind of storeKinds)
  describe(`the age of the queue on ${kind}`, () => {
    it('is that of the batch that has waited longest, and nothing where none waits', async () => {
      const stores = await openStores(kind);
      const { queue, close } = await openBatchQueue(stores.queueUrl);
      try {
        const monitor = new QueueMonitor(queue);
        expect(await monitor.oldestWaitingMs()).to.equal(0);
        for (const minutes of [60, 30, 0]) {
          const id = timedId(Date.now() - minutes * 60_000);
          await queue.add('batch', { ...(await jobOf([])), id }, { ...batchJobOptions, jobId: id });
        }
        expect((await monitor.oldestWaitingMs()) / 60_000).to.be.within(60, 61);
        expect(await monitor.counts()).to.include({ waiting: 3 });
      } finally {
        await close();
        await stores.drop();
      }
    });
  });
