import { expect } from 'chai';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { openDurableStore } from '../../../packages/shared/src/index.js';
import { captureLog } from '../../support/log-lines.js';
import { openStores, storeKinds } from '../../support/stores.js';

/** A way to the server at `serverUrl` that hangs up the first `times` that a client asks for what matches. */
async function openFlappingWay(serverUrl: string, asked: RegExp, times: number): Promise<{ url: string; close: () => void }> {
  const { hostname, port } = new URL(serverUrl);
  let left = times;
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    client.on('error', () => undefined).on('close', () => server.destroy());
    server.on('error', () => undefined).on('close', () => client.destroy());
    client.on('data', (chunk) => {
      if (asked.test(chunk.toString('latin1')) && left-- > 0) client.destroy();
      else server.write(chunk);
    });
    server.pipe(client);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String((proxy.address() as AddressInfo).port);
  return { url: url.href, close: () => void proxy.close() };
}

/** How the store is asked whether it is durable. */
const asksForDurability = { redis: /config/i, postgres: /synchronous_commit/ };

for (const kind of storeKinds)
  describe(`a queue on ${kind} that goes away between connecting and the question whether it is durable`, () => {
    it('is waited for like one that was not there, in clear words', async () => {
      const stores = await openStores(kind);
      const way = await openFlappingWay(stores.queueUrl, asksForDurability[kind], 2);
      const { log, lines } = captureLog();
      const { signal } = new AbortController();
      const store = await openDurableStore(
        way.url,
        { allowVolatile: true, lockMs: 30_000, fullAtPercent: 90, keepFinished: 'off' },
        { log, signal },
      );
      try {
        await store.checkWritable();
        const retries = lines().filter(({ msg }) => String(msg).endsWith('failed, trying again'));
        expect(retries).to.have.length(kind === 'redis' ? 0 : 2); // Redis's client asks again by itself
        for (const [index, { level, msg, err, waitMs }] of retries.entries()) {
          expect(level).to.be.oneOf(index === 0 ? [40] : [20, 40]); // the same reason once more is for who looks closely
          expect(msg).to.match(/^opening the queue at (redis|postgres):\/\/127\.0\.0\.1:\d+/);
          expect(err).to.be.a('string').that.is.not.empty;
          expect(waitMs).to.be.greaterThan(0);
        }
      } finally {
        await store.close();
        way.close();
        await stores.drop();
      }
    });
  });
