import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import pg from 'pg';
import { openBatchQueue } from '../../support/batch-queue.js';
import { until } from '../../support/poll.js';
import { openStores, storeKinds, type Stores } from '../../support/stores.js';
import { startWorker } from '../../support/worker.js';

for (const kind of storeKinds) {
  describe(`batches in hand of a worker, queue on ${kind}`, () => {
    let stores: Stores;
    before(async () => {
      stores = await openStores(kind);
    });
    after(() => stores.drop());

    /** A worker over `bodies`, and a database that lets nothing through until it is released; `before` them it has done others. */
    async function startHeld(bodies: readonly string[], before: readonly string[] = []) {
      const queue = await openBatchQueue(stores.queueUrl);
      const done = async () => Object.values(await queue.counts()).every((jobs) => jobs === 0);
      const allDone = () => until('all are done', done, { timeoutMs: 30_000 });
      const worker = await startWorker(stores, { concurrency: 40, maxBytesInFlight: 4_096 });
      for (const body of before) {
        await queue.add([body]);
        await allDone();
      }
      const blocker = new pg.Client({ connectionString: stores.databaseUrl });
      await blocker.connect();
      await blocker.query('begin; lock table vidhuk.batch in exclusive mode');
      await queue.queue.pause(); // all at once
      await queue.add(bodies);
      await queue.queue.resume();
      const active = async () => (await queue.counts()).active ?? 0;
      await until('some are in hand', async () => (await active()) >= 2);
      return { queue, active, worker, allDone, release: () => blocker.end() };
    }

    async function mostAtOnce(bodies: readonly string[], before: readonly string[] = []): Promise<number> {
      const { queue, active, worker, allDone, release } = await startHeld(bodies, before);
      let most = 0;
      for (let look = 0; look < 20; look++) {
        most = Math.max(most, await active());
        await sleep(50);
      }
      await release();
      await allDone();
      await worker.close();
      await queue.close();
      return most;
    }

    it('are many when they are small', async () => {
      expect(await mostAtOnce(Array.from({ length: 60 }, (_, nth) => `[${nth}]`))).to.equal(40);
    });

    const large = Array.from({ length: 60 }, () => JSON.stringify(randomBytes(24_000).toString('base64')));

    it('are few when they are large', async () => {
      expect(await mostAtOnce(large)).to.be.within(2, 4);
    });

    it('are few when they are large and come after small ones, of which none is left', async () => {
      expect(await mostAtOnce(large, ['[1]', '[2]', '[3]'])).to.be.within(2, 4);
    });

    it('go back to the queue when it stops before they have begun', async () => {
      const bodies = Array.from({ length: 30 }, (_, nth) => JSON.stringify(`${nth} ${'x'.repeat(2_000)}`));
      const { queue, active, worker, release } = await startHeld(bodies);
      await until('all are in hand', async () => (await active()) === 30);
      const closed = worker.close();
      await sleep(200);
      await release();
      await closed;
      const { waiting, active: left } = await queue.counts();
      expect(left).to.equal(0);
      expect(waiting).to.be.within(25, 29); // those few were being written
      await queue.close();
    });
  });
}
