import { expect } from 'chai';
import { batchQueueName, openQueueStore, unpackBody, type BatchJob } from '../../../packages/shared/src/index.js';
import { send } from '../../support/http.js';
import { startIngress } from '../../support/ingress.js';
import { ownPostgres, ownRedis, type OwnServer } from '../../support/own-server.js';
import { until } from '../../support/poll.js';
import { needsRedisServer } from '../../support/services/redis-server.js';
import { storeKinds } from '../../support/stores.js';

for (const kind of storeKinds)
  describe(`batches that were answered with 200, queue on ${kind}`, () => {
    let server: OwnServer;
    if (kind === 'redis') before(needsRedisServer);
    before(async () => {
      server = kind === 'redis' ? await ownRedis() : await ownPostgres();
    });
    after(() => server.stop());

    it('are all there after the store was killed under load, and started again on its files', async () => {
      const acknowledged: string[] = [];
      for (let crash = 0; crash < 2; crash++) {
        const ingress = await startIngress(server.url, { limits: { enqueueTimeoutMs: 2_000 } });
        let dead = false;
        const sender = async (name: string) => {
          for (let count = 0; !dead; count++) {
            const body = `[{"sender":"${crash} ${name} ${count}","filler":"${'x'.repeat(count % 500)}"}]`;
            if ((await send(ingress.webhook, { method: 'POST', body })).status === 200) acknowledged.push(body);
          }
        };
        const senders = Promise.all(['a', 'b', 'c', 'd'].map(sender));
        const before = acknowledged.length;
        await until('load is on', () => acknowledged.length > before + 150);
        await server.kill();
        dead = true;
        await senders;
        await ingress.close();
        await server.start();
      }
      expect(acknowledged.length).to.be.greaterThan(300);
      const stored = await bodiesIn(server.url);
      expect(acknowledged.filter((body) => !stored.has(body))).to.deep.equal([]);
    });
  });

async function bodiesIn(url: string): Promise<Set<string>> {
  const store = await until('the store is open', () => openQueueStore(url, () => undefined));
  const queue = await store.openQueue<BatchJob>(batchQueueName);
  const ids = await queue.getRanges(['waiting'], 0, -1, true);
  const jobs = await Promise.all(ids.map((id) => queue.getJob(id)));
  const bodies = await Promise.all(jobs.map(async (job) => (job === undefined ? '' : (await unpackBody(job.data)).toString())));
  await queue.close();
  await store.close();
  return new Set(bodies);
}
