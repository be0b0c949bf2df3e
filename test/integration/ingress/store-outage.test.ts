import { expect } from 'chai';
import { send } from '../../support/http.js';
import { startIngress, type TestIngress } from '../../support/ingress.js';
import { ownPostgres, ownRedis, type OwnServer } from '../../support/own-server.js';
import { until } from '../../support/poll.js';
import { needsRedisServer } from '../../support/services/redis-server.js';
import { sendRedis, storeKinds } from '../../support/stores.js';

const enqueueTimeoutMs = 1_500;
/** Of the machine, on top of what is promised. */
const slackMs = 1_500;

for (const kind of storeKinds)
  describe(`the ingress while the queue's ${kind} is away`, () => {
    let server: OwnServer;
    let ingress: TestIngress;
    if (kind === 'redis') before(needsRedisServer);
    before(async () => {
      server = kind === 'redis' ? await ownRedis() : await ownPostgres();
      ingress = await startIngress(server.url, { limits: { enqueueTimeoutMs } });
    });
    after(async () => {
      await ingress.close();
      await server.stop();
    });

    const post = () => send(ingress.webhook, { method: 'POST', body: '[{"a":1}]' });
    const ready = async () => (await send(`${ingress.address}/health/ready`)).status;

    async function answersWith503(): Promise<void> {
      // The first may find the connection that breaks, the later ones find none.
      for (let count = 0; count < 3; count++) {
        const began = Date.now();
        const { status, headers } = await post();
        expect(status).to.equal(503);
        expect(Number(headers['retry-after'])).to.be.greaterThan(0);
        expect(Date.now() - began).to.be.lessThan(enqueueTimeoutMs + slackMs);
      }
      await until('it is not ready', async () => (await ready()) === 503, { timeoutMs: 3_000 + slackMs });
      expect((await send(`${ingress.address}/health/live`)).status).to.equal(200);
    }

    async function isWellAgain(): Promise<void> {
      await until('batches are stored again', async () => (await post()).status === 200, { timeoutMs: 15_000, everyMs: 100 });
      await until('it is ready again', async () => (await ready()) === 200);
    }

    it('answers 503 in time when it was killed, and 200 again, without a restart, when it is back', async () => {
      expect((await post()).status).to.equal(200);
      await server.kill();
      await answersWith503();
      await server.start();
      await isWellAgain();
    });

    it('answers 503 in time when it was shut down in order, and 200 again when it is back', async () => {
      await server.stop();
      await answersWith503();
      await server.start();
      await isWellAgain();
    });

    it('answers 503 in time while it is frozen, and 200 again when it goes on', async () => {
      server.freeze();
      await answersWith503();
      server.thaw();
      await isWellAgain();
    });

    it('answers all of many senders at once while it is frozen', async () => {
      server.freeze();
      const began = Date.now();
      const answers = await Promise.all(Array.from({ length: 50 }, post));
      expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([503]));
      expect(Date.now() - began).to.be.lessThan(enqueueTimeoutMs + 2 * slackMs);
      server.thaw();
      await isWellAgain();
    });
  });

describe('the ingress while the queue’s Redis is full', () => {
  let server: OwnServer;
  let ingress: TestIngress;
  before(needsRedisServer);
  before(async () => {
    server = await ownRedis();
    ingress = await startIngress(server.url);
  });
  after(async () => {
    await ingress.close();
    await server.stop();
  });

  it('answers 503, is not ready although PING answers, and goes on when there is room', async () => {
    const post = () => send(ingress.webhook, { method: 'POST', body: '[{"a":1}]' });
    const ready = async () => (await send(`${ingress.address}/health/ready`)).status;
    expect((await post()).status).to.equal(200);
    await sendRedis(server.url, 'CONFIG SET maxmemory 1');
    expect((await post()).status).to.equal(503);
    await until('it is not ready', async () => (await ready()) === 503);
    expect(await sendRedis(server.url, 'PING')).to.equal('+PONG\r\n');
    await sendRedis(server.url, 'CONFIG SET maxmemory 0');
    await until('batches are stored again', async () => (await post()).status === 200);
    await until('it is ready again', async () => (await ready()) === 200);
  });
});
