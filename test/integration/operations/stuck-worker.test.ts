import { expect } from 'chai';
import { openBatchQueue } from '../../support/batch-queue.js';
import { openBlackHole } from '../../support/black-hole.js';
import { send } from '../../support/http.js';
import { until } from '../../support/poll.js';
import { endServices } from '../../support/processes.js';
import { startReadyWorker } from '../../support/ready-worker.js';
import { openStores, storeKinds } from '../../support/stores.js';

/** What a worker sends on the connections by which it takes jobs; those by which the watchdog looks at the queue send none of it. */
const takesJobs = { redis: /bzpopmin|:limiter/i, postgres: /listen|move_to_active/i };

for (const kind of storeKinds)
  describe(`a worker process whose connections for jobs went dead, queue on ${kind}`, function () {
    this.timeout(120_000);
    afterEach(endServices);

    it('says that it is not ready, and ends with an exit code that has it restarted', async () => {
      const stores = await openStores(kind);
      const way = await openBlackHole(stores.queueUrl, takesJobs[kind]);
      const queue = await openBatchQueue(stores.queueUrl);
      const worker = await startReadyWorker({
        ...stores,
        queueUrl: way.url,
        config: 'sources: { main: { tokens: [of-tests] } }\nqueue: { allowVolatile: true }\nworker: { stuckAfterMs: 1500 }\n',
      });
      const ready = async () => send(`${await worker.address()}/health/ready`);

      await queue.add([[]]);
      await until('it takes batches', async () => Object.values(await queue.counts()).every((count) => count === 0));
      expect((await ready()).status).to.equal(200);

      way.swallow();
      await queue.add([[]]);
      const answer = await until('it is not ready', async () => {
        const { status, body } = await ready();
        return status === 503 && body;
      });
      expect(answer).to.include('batches wait, and none was finished');
      expect(await worker.exited).to.equal(1);
      expect(worker.lines().filter(({ level }) => level === 60)).to.have.length(1);
      expect(worker.text()).to.include('batches wait and this worker takes none, ending it for a restart');
      expect((await queue.counts()).waiting, 'the batch waits for the next worker').to.equal(1);

      await queue.close();
      await way.close();
      await stores.drop();
    });
  });
