import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  batchJobOptions,
  batchQueueName,
  openQueueStore,
  type JobQueue,
  type QueueStore,
} from '../../../packages/shared/src/index.js';
import { Link } from '../../faults/link.js';
import { ownRedis } from '../../support/own-server.js';
import { rejection, until } from '../../support/poll.js';
import { redisUrl } from '../../support/services/redis.js';
import { needsRedisServer } from '../../support/services/redis-server.js';
import { sendRedis } from '../../support/stores.js';

const portOf = (url: string) => Number(new URL(url).port);

describe('the connection of whoever answers a sender to Redis', () => {
  let way: Link;
  /** Where new connections go. */
  let target: string;
  let store: QueueStore;
  let queue: JobQueue<object>;
  let troubles: number;

  const open = async (url: string) => {
    target = url;
    troubles = 0;
    await sendRedis(url, 'FLUSHALL');
    way = await Link.open(() => portOf(target));
    store = await openQueueStore(`redis://127.0.0.1:${way.port}`, () => troubles++);
    queue = await store.openQueue<object>(batchQueueName);
  };
  const waitingAt = async (url: string): Promise<number> => {
    const direct = await openQueueStore(url, () => undefined);
    const there = await direct.openQueue(batchQueueName);
    const { waiting = 0 } = await there.getJobCounts('waiting');
    await there.close();
    await direct.close();
    return waiting;
  };
  afterEach(async () => {
    way.mode = 'open';
    await queue.close();
    await store.close();
    await way.close();
  });

  it('keeps nothing for later while Redis is away: what was refused does not arrive when it is back', async () => {
    await open(await redisUrl());
    way.mode = 'cut';
    await until('it has found out', () => troubles >= 4);
    const refused = rejection(queue.add('batch', {}, batchJobOptions));
    way.mode = 'open';
    expect((await refused).message).to.match(/writeable|closed/);
    await until('it is back', () => store.checkWritable().then(() => true));
    expect(await waitingAt(target)).to.equal(0);
  });

  it('waits for no answer of a Redis that gives none, for longer than 5 s', async () => {
    await open(await redisUrl());
    way.mode = 'hole';
    const began = performance.now();
    expect((await rejection(store.checkWritable())).message).to.equal('Command timed out');
    expect(performance.now() - began).to.be.within(4_900, 8_000);
  });

  it('counts the time for an answer only for the connection that owes it: the next one, which answers, is left alone', async () => {
    await open(await redisUrl());
    way.mode = 'hole';
    const began = performance.now();
    const unanswered = rejection(store.checkWritable());
    way.mode = 'cut';
    await unanswered;
    way.mode = 'open';
    await until('it is back', () => store.checkWritable().then(() => true), { timeoutMs: 4_000 });
    troubles = 0;
    while (performance.now() - began < 6_000) await store.checkWritable();
    expect(troubles).to.equal(0);
  });

  it('keeps no process from ending that has closed it, though its worker was waiting for a job', async () => {
    await open(await redisUrl());
    const program = `
      import { setTimeout } from 'node:timers/promises';
      import { openQueueStore } from './packages/shared/dist/index.js';
      const store = await openQueueStore('${target}', console.error);
      const worker = await store.openWorker('nothing', () => Promise.resolve(), { concurrency: 1 });
      void worker.run();
      await setTimeout(500);
      await worker.close();
      await store.close();
      console.log('closed');`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    expect(said.toString()).to.equal('closed\n');
    const began = performance.now();
    await once(child, 'exit');
    expect(performance.now() - began).to.be.below(5_000);
  });

  it('gives a large job the time that it needs, on a connection of its own, and small ones do not wait for it', async () => {
    await open(await redisUrl());
    way.mode = 'slow'; // about 1 MB a second
    const large = queue.add('batch', { body: 'x'.repeat(7_000_000) }, batchJobOptions);
    let arrived = false;
    void large.then(() => (arrived = true));
    for (let nth = 0; nth < 3; nth++) await queue.add('batch', { body: 'small' }, batchJobOptions);
    expect(arrived, 'the large one came first').to.equal(false);
    const began = performance.now();
    await large;
    expect(performance.now() - began, 'too soon to say anything').to.be.greaterThan(5_000);
    expect(await waitingAt(target)).to.equal(4);
    expect(troubles).to.equal(0);
  });

  describe('after a failover', () => {
    before(needsRedisServer);

    it('leaves the server that is a replica now, and stores at the new one', async () => {
      const [old, next] = [await ownRedis(), await ownRedis()];
      await open(old.url);
      await queue.add('batch', {}, batchJobOptions);
      target = next.url;
      await sendRedis(old.url, `REPLICAOF 127.0.0.1 ${portOf(next.url)}`);
      // The first is refused, and its sender repeats it.
      await until('it stores again', () => queue.add('batch', {}, batchJobOptions).then(() => true));
      expect(await waitingAt(next.url)).to.equal(1);
      await Promise.all([old.stop(), next.stop()]);
    });
  });
});
