import { expect } from 'chai';
import { batchQueueName, openQueueStore, type JobWorker, type QueueStore } from '../../../packages/shared/src/index.js';
import { requireConnections } from '../../../packages/worker/src/db/require-connections.js';
import { rejection, until } from '../../support/poll.js';
import { openDatabase, type TestDatabase } from '../../support/projection.js';

describe('A queue in PostgreSQL with a worker for each of very many actions', function () {
  this.timeout(60_000);
  let test: TestDatabase;
  let store: QueueStore;
  const workers: JobWorker<object>[] = [];
  const done: string[] = [];
  const names = Array.from({ length: 64 }, (_, nth) => `of-action-${nth}`);
  const warnings: string[] = [];
  const errors: string[] = [];
  const warned = ({ message }: Error) => void warnings.push(message);

  before(async () => {
    process.on('warning', warned);
    test = await openDatabase();
    store = await openQueueStore(test.url, ({ message }) => void errors.push(message));
    for (const name of [...names, batchQueueName]) {
      const worker = await store.openWorker<object>(name, () => Promise.resolve(void done.push(name)), { concurrency: 4 });
      void worker.run();
      workers.push(worker);
    }
  });
  after(async () => {
    process.off('warning', warned);
    await Promise.all(workers.map((worker) => worker.close()));
    await store.close();
    await test.drop();
  });

  const sessions = async (): Promise<{ pid: number; listens: boolean }[]> =>
    test.database.query(
      `select pid, query ilike '%listen bullmq_jobs%' as listens from pg_stat_activity
       where datname = current_database() and application_name = 'vidhuk queue'`,
    );
  /** Sooner than any worker looks again by itself, which BullMQ does after 5 s. */
  const whenToldOf = async (name: string) => {
    const before = done.filter((each) => each === name).length;
    const queue = await store.openQueue(name);
    const begun = performance.now();
    await queue.add('job', {});
    await until(`${name} has done it`, () => done.filter((each) => each === name).length > before, { timeoutMs: 10_000 });
    await queue.close();
    return performance.now() - begun;
  };
  const allListen = () =>
    until('one listens for all', async () => (await sessions()).filter(({ listens }) => listens).length === 1);

  it('takes one connection to listen for all of them, and no more than it says for everything', async () => {
    await allListen();
    for (const name of names) {
      const queue = await store.openQueue(name);
      await queue.addBulk(Array.from({ length: 20 }, () => ({ name: 'job', data: {} })));
      await queue.close();
    }
    let most = 0;
    const allDone = async () => {
      most = Math.max(most, (await sessions()).length);
      return done.length >= names.length * 20;
    };
    await until('all are done', allDone, { timeoutMs: 30_000 });
    expect(most).to.be.within(2, store.databaseConnections);
    expect(store.databaseConnections).to.equal(45);
    expect(warnings).to.deep.equal([]);
    expect(errors).to.deep.equal([]);
  });

  it('wakes each of them, batches too, as soon as there is a job', async () => {
    for (const name of [batchQueueName, 'of-action-0', 'of-action-63']) expect(await whenToldOf(name)).to.be.below(2_500);
  });

  it('wakes them after the connection that listens was lost', async () => {
    const [lost] = (await sessions()).filter(({ listens }) => listens);
    await test.database.query('select pg_terminate_backend($1)', [lost!.pid]);
    await until('another one listens', async () => {
      const listening = (await sessions()).filter(({ listens }) => listens);
      return listening.length === 1 && listening[0]!.pid !== lost!.pid;
    });
    for (const name of [batchQueueName, 'of-action-7']) expect(await whenToldOf(name)).to.be.below(2_500);
  });

  it('goes on when one of them closes', async () => {
    await workers.shift()!.close();
    expect(await whenToldOf('of-action-5')).to.be.below(2_500);
  });

  it('is refused at the start with a sentence where the server has too few for them', async () => {
    await requireConnections(test.database, 20);
    const { message } = await rejection(requireConnections(test.database, 100_000));
    expect(message).to.match(/may take 100000 connections .* has \d+ for all: raise max_connections/);
  });
});
