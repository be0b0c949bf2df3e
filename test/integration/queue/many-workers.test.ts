import { expect } from 'chai';
import { openQueueStore } from '../../../packages/shared/src/index.js';
import { requireConnections } from '../../../packages/worker/src/db/require-connections.js';
import { rejection, until } from '../../support/poll.js';
import { openDatabase, type TestDatabase } from '../../support/projection.js';

describe('A queue in PostgreSQL with a worker for each of very many actions', function () {
  this.timeout(180_000);
  let test: TestDatabase;
  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());

  it('has connections left for the jobs of each of them', async () => {
    const store = await openQueueStore(test.url, () => undefined);
    const done: string[] = [];
    const open = async (name: string) => {
      const worker = await store.openWorker(name, () => Promise.resolve(void done.push(name)), { concurrency: 1 });
      void worker.run();
      return worker;
    };
    const workers = [];
    for (let nth = 0; nth < 70; nth++) workers.push(await open(`of-action-${nth}`));
    workers.push(await open('the-last'));
    const queue = await store.openQueue('the-last');
    await queue.add('job', {});
    await until('it is done', () => done.includes('the-last'), { timeoutMs: 30_000 });
    await queue.close();
    await Promise.all(workers.map((worker) => worker.close()));
    await store.close();
  });

  it('is refused at the start with a sentence where the server has too few for them', async () => {
    await requireConnections(test.database, 20);
    const { message } = await rejection(requireConnections(test.database, 100_000));
    expect(message).to.match(/may take 100000 connections .* has \d+ for all: raise max_connections/);
  });
});
