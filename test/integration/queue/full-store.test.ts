import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { batchQueueName, openQueueStore } from '../../../packages/shared/src/index.js';
import { send } from '../../support/http.js';
import { startIngress, type TestIngress } from '../../support/ingress.js';
import { ownRedis, type OwnServer } from '../../support/own-server.js';
import { needsRedisServer } from '../../support/services/redis-server.js';
import { until } from '../../support/poll.js';
import { sendRedis } from '../../support/stores.js';

describe('A Redis that fills up', function () {
  this.timeout(120_000);
  let server: OwnServer;
  let ingress: TestIngress;
  before(needsRedisServer);
  beforeEach(async () => {
    server = await ownRedis();
    ingress = await startIngress(server.url);
  });
  afterEach(async () => {
    await ingress.close();
    await server.stop();
  });

  const usedBytes = async () => Number(/used_memory:(\d+)/.exec(await sendRedis(server.url, 'INFO memory'))?.[1]);
  const post = async () => (await send(ingress.webhook, { method: 'POST', body: randomBytes(100_000) })).status;
  const fill = async () => {
    const { body } = await send(`${ingress.address}/metrics`, { headers: { Authorization: 'Bearer admin-token' } });
    return Number(/^vidhuk_queue_store_fill_ratio (\S+)$/m.exec(body)?.[1]);
  };
  const openWorker = async (done: () => void) => {
    const store = await openQueueStore(server.url, () => undefined);
    const process = () => {
      done();
      return Promise.resolve();
    };
    const worker = await store.openWorker(batchQueueName, process, { concurrency: 4 });
    void worker.run();
    return async () => {
      await worker.close();
      await store.close();
    };
  };

  it('takes no more some way before its limit, so that workers that are started again drain it, and then takes batches again', async () => {
    const limit = (await usedBytes()) + 12_000_000;
    await sendRedis(server.url, `CONFIG SET maxmemory ${limit}`);
    await until('the ingress knows of the limit', async () => Number.isFinite(await fill()));
    let stored = 0;
    await until(
      'it is full',
      async () => {
        const status = await post();
        if (status === 200) stored++;
        return status === 503;
      },
      { timeoutMs: 60_000, everyMs: 0 },
    );
    expect(stored).to.be.greaterThan(20);
    expect(await usedBytes()).to.be.lessThan(limit * 0.95);
    expect(await fill()).to.be.within(0.8, 0.9);

    let done = 0;
    const close = await openWorker(() => done++);
    await until('all are done', () => done === stored, { timeoutMs: 30_000 });
    await until('it takes batches again', async () => (await post()) === 200);
    await close();
    expect(ingress.captured.lines().filter(({ msg }) => String(msg).includes('until workers have made room'))).to.have.length(1);
  });

  it('is asked for jobs at a bounded rate while it refuses everything, and goes on when it has room', async () => {
    expect(await post()).to.equal(200);
    await sendRedis(server.url, 'CONFIG SET maxmemory 1');
    await sendRedis(server.url, 'CONFIG RESETSTAT');
    let done = 0;
    const close = await openWorker(() => done++);
    const calls = async () =>
      Number(/cmdstat_evalsha:calls=(\d+)/.exec(await sendRedis(server.url, 'INFO commandstats'))?.[1] ?? 0);
    const rejected = async () =>
      Number(/cmdstat_evalsha:.*rejected_calls=(\d+)/.exec(await sendRedis(server.url, 'INFO commandstats'))?.[1] ?? 0);
    const began = performance.now();
    await until('it has been refused some times', async () => (await calls()) + (await rejected()) >= 4);
    const seconds = (performance.now() - began) / 1_000;
    expect(((await calls()) + (await rejected())) / seconds).to.be.lessThan(60);
    expect(done).to.equal(0);
    await sendRedis(server.url, 'CONFIG SET maxmemory 0');
    await until('it is done', () => done === 1);
    await close();
  });
});
