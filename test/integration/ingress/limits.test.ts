import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGzip, gzipSync } from 'node:zlib';
import { send, sendRaw } from '../../support/http.js';
import { startIngress, token, type TestIngress, type TestIngressOptions } from '../../support/ingress.js';
import { until } from '../../support/poll.js';
import { openStores, type Stores } from '../../support/stores.js';

const mebibyte = 2 ** 20;

/** A gzip body of few bytes that becomes `bytes` zeros. */
async function bomb(bytes: number): Promise<Buffer> {
  const gzip = createGzip({ level: 1 });
  const chunks: Buffer[] = [];
  gzip.on('data', (chunk: Buffer) => chunks.push(chunk));
  const piece = Buffer.alloc(mebibyte);
  for (let written = 0; written < bytes; written += piece.length) if (!gzip.write(piece)) await once(gzip, 'drain');
  gzip.end();
  await once(gzip, 'end');
  return Buffer.concat(chunks);
}

const refusalsOf = async ({ address }: TestIngress) =>
  (await send(`${address}/metrics`, { headers: { Authorization: 'Bearer admin-token' } })).body;

describe('limits of the ingress', () => {
  let stores: Stores;
  let ingress: TestIngress | undefined;
  before(async () => {
    stores = await openStores('postgres');
  });
  after(() => stores.drop());
  afterEach(async () => {
    await ingress?.close();
    ingress = undefined;
  });
  const start = async (options: TestIngressOptions = {}) => (ingress = await startIngress(stores.queueUrl, options));
  const isWell = async ({ webhook }: TestIngress) =>
    expect((await send(webhook, { method: 'POST', body: '[]' })).status).to.equal(200);

  describe('of one body', () => {
    const limits = { maxBodyBytes: 2 * mebibyte };

    it('a body of exactly the limit is stored', async () => {
      const { webhook } = await start({ limits });
      expect((await send(webhook, { method: 'POST', body: Buffer.alloc(2 * mebibyte) })).status).to.equal(200);
    });

    it('a larger one gets 413 by its Content-Length, before it is sent', async () => {
      const started = await start({ limits });
      const head = `POST /webhooks/esputnik/main/${token} HTTP/1.1\r\nHost: x\r\nContent-Length: ${2 * mebibyte + 1}\r\n\r\n`;
      const answer = await sendRaw(started.port, head);
      expect(answer)
        .to.match(/^HTTP\/1\.1 413 /)
        .and.to.match(/connection: close/i);
      await isWell(started);
    });

    it('a larger one gets 413 although all of it is sent', async () => {
      const started = await start({ limits });
      for (let repetition = 0; repetition < 10; repetition++)
        expect((await send(started.webhook, { method: 'POST', body: Buffer.alloc(8 * mebibyte) })).status).to.equal(413);
      await isWell(started);
    });

    async function* pieces(megabytes: number): AsyncGenerator<Buffer> {
      for (let sent = 0; sent < megabytes; sent++) {
        await new Promise(setImmediate);
        yield Buffer.alloc(mebibyte);
      }
    }

    it('a larger one gets 413 when it comes in pieces without a length', async () => {
      const started = await start({ limits });
      for (let repetition = 0; repetition < 5; repetition++)
        expect((await send(started.webhook, { method: 'POST', body: pieces(32) })).status).to.equal(413);
      await isWell(started);
    });

    it('one that never ends is cut off', async () => {
      const started = await start({ limits });
      const began = Date.now();
      const outcome = await send(started.webhook, { method: 'POST', body: pieces(1_000_000) }).catch((error: unknown) => error);
      if (!(outcome instanceof Error)) expect(outcome).to.have.property('status', 413);
      expect(Date.now() - began).to.be.lessThan(10_000);
      await isWell(started);
    });

    it('wrong credentials get 401 although a large body is sent along', async () => {
      const started = await start({ limits });
      for (let repetition = 0; repetition < 10; repetition++)
        expect((await send(`${started.webhook}x`, { method: 'POST', body: Buffer.alloc(8 * mebibyte) })).status).to.equal(401);
      await isWell(started);
    });

    it('a gzip bomb gets 413 and takes no more memory than the limit', async () => {
      const body = await bomb(400 * mebibyte);
      expect(body.length).to.be.lessThan(3 * mebibyte);
      const started = await start({ limits: { maxBodyBytes: 8 * mebibyte } });
      let peak = 0;
      const before = process.memoryUsage.rss();
      const watching = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss() - before)), 5);
      const { status } = await send(started.webhook, { method: 'POST', headers: { 'Content-Encoding': 'gzip' }, body });
      clearInterval(watching);
      expect(status).to.equal(413);
      expect(peak).to.be.lessThan(120 * mebibyte);
      await isWell(started);
    });
  });

  it('a body that is cut off is not stored', async () => {
    const started = await start();
    const before = await started.queue.getJobCounts('waiting');
    for (const head of ['Content-Length: 100', 'Transfer-Encoding: chunked', 'Content-Length: 100\r\nContent-Encoding: gzip']) {
      await sendRaw(started.port, `POST /webhooks/esputnik/main/${token} HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n5\r\n[1,2]\r\n`, {
        end: true,
      });
    }
    await until('the refusals are counted', async () => (await refusalsOf(started)).includes('{kind="body",code="400"} 3'));
    expect(await started.queue.getJobCounts('waiting')).to.deep.equal(before);
    await isWell(started);
  });

  describe('of time', () => {
    it('a sender that does not finish its headers is cut off', async () => {
      const started = await start({ headersTimeoutMs: 200, requestTimeoutMs: 400 });
      const began = Date.now();
      expect(await sendRaw(started.port, 'POST /webhooks/esputnik/main HTTP/1.1\r\nHost: x\r\n')).to.match(/^HTTP\/1\.1 408 /);
      expect(Date.now() - began).to.be.lessThan(2_000);
      await isWell(started);
    });

    it('a sender that does not go on with its body is cut off, and its bytes are free again', async () => {
      const started = await start({ limits: { maxBytesInFlight: mebibyte, maxWaitMs: 3_000, idleTimeoutMs: 400 } });
      const head = `POST /webhooks/esputnik/main/${token} HTTP/1.1\r\nHost: x\r\nContent-Length: ${mebibyte}\r\n\r\n`;
      const slow = sendRaw(started.port, head + ' '.repeat(mebibyte - 1));
      await until('it is being received', async () => (await inFlight(started)) === mebibyte);
      const waits = send(started.webhook, { method: 'POST', body: '[]' });
      expect(await slow).to.match(/^HTTP\/1\.1 408 /);
      expect((await waits).status).to.equal(200);
      expect(await inFlight(started)).to.equal(0);
    });

    it('a slow line may take as long as it takes, as long as it goes on', async () => {
      const started = await start({ requestTimeoutMs: 0, limits: { idleTimeoutMs: 400 } });
      const socket = connect(started.port, '127.0.0.1');
      let answer = '';
      socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
      socket.write(`POST /webhooks/esputnik/main/${token} HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n`);
      for (const byte of '[1,2,34]') {
        socket.write(byte);
        await sleep(100);
      }
      await until('it is answered', () => answer.startsWith('HTTP/1.1 200'));
      socket.destroy();
    });
  });

  describe('of bytes in flight', () => {
    const limits = { maxBodyBytes: mebibyte, maxBytesInFlight: mebibyte, maxWaitMs: 300 };
    let holder: Socket;

    /** Begins a request that takes so many bytes, and lets the test decide when it ends. */
    async function hold({ port }: TestIngress, head: string, sent: string, bytes: number): Promise<void> {
      holder = connect(port, '127.0.0.1');
      holder.on('error', () => undefined);
      holder.write(`POST /webhooks/esputnik/main/${token} HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n${sent}`);
      await until(`${bytes} bytes are in flight`, async () => (await inFlight(ingress!)) === bytes);
    }
    /** Takes all there is. */
    const holdAll = (started: TestIngress) => hold(started, `Content-Length: ${mebibyte}`, ' '.repeat(mebibyte - 1), mebibyte);
    afterEach(() => holder.destroy());

    it('a request over it waits until there is room', async () => {
      const started = await start({ limits: { ...limits, maxWaitMs: 10_000 } });
      await holdAll(started);
      const waits = send(started.webhook, { method: 'POST', body: '[]' });
      holder.write(' ');
      expect((await waits).status).to.equal(200);
    });

    it('a request over it gets 503 with Retry-After when there is none in time', async () => {
      const started = await start({ limits });
      await holdAll(started);
      const began = Date.now();
      const { status, headers } = await send(started.webhook, { method: 'POST', body: '[]' });
      expect(status).to.equal(503);
      expect(Number(headers['retry-after'])).to.be.greaterThan(0);
      expect(Date.now() - began).to.be.within(250, 2_000);
    });

    it('a request takes what has come of it, whatever it announces', async () => {
      const started = await start({ limits: { ...limits, maxBytesInFlight: 4 * mebibyte } });
      const chunk = ' '.repeat(100_000);
      for (const [head, sent, bytes] of [
        [`Content-Length: ${mebibyte}`, '[', 65_536],
        [`Content-Length: ${mebibyte}`, ' '.repeat(65_537), 131_072],
        ['Transfer-Encoding: chunked', `${chunk.length.toString(16)}\r\n${chunk}\r\n`, 131_072],
      ] as const) {
        await hold(started, head, sent, bytes);
        holder.destroy();
        await until('it is free', async () => (await inFlight(started)) === 0);
      }
    });

    it('a compressed body needs room for what may come out of it', async () => {
      const started = await start({ limits: { ...limits, maxBytesInFlight: 1.5 * mebibyte } });
      await hold(started, `Content-Length: ${mebibyte}`, ' '.repeat(0.75 * mebibyte), 0.75 * mebibyte);
      expect((await send(started.webhook, { method: 'POST', body: '[]' })).status).to.equal(200);
      const gzip = { method: 'POST', headers: { 'Content-Encoding': 'gzip' }, body: gzipSync('[]') };
      expect((await send(started.webhook, gzip)).status).to.equal(503);
      holder.destroy();
      await until('it is free', async () => (await inFlight(started)) === 0);
      expect((await send(started.webhook, gzip)).status).to.equal(200);
    });

    it('a body that cannot be compressed needs room for all that is made of it', async () => {
      const started = await start({ limits: { ...limits, maxBytesInFlight: 2 * mebibyte } });
      await hold(started, `Content-Length: ${mebibyte}`, ' '.repeat(0.5 * mebibyte), 0.5 * mebibyte);
      const post = (body: Buffer) => send(started.webhook, { method: 'POST', body });
      expect((await post(Buffer.alloc(0.5 * mebibyte, ' '))).status).to.equal(200);
      expect((await post(randomBytes(0.5 * mebibyte))).status).to.equal(503);
      holder.destroy();
      await until('it is free', async () => (await inFlight(started)) === 0);
      expect((await post(randomBytes(0.5 * mebibyte))).status).to.equal(200);
    });

    it('it is free again when the sender goes away', async () => {
      const started = await start({ limits });
      await holdAll(started);
      holder.destroy();
      await until('it is free', async () => (await inFlight(started)) === 0);
      await isWell(started);
    });
  });
});

async function inFlight({ address }: TestIngress): Promise<number> {
  const { body } = await send(`${address}/metrics`, { headers: { Authorization: 'Bearer admin-token' } });
  return Number(/^vidhuk_bytes_in_flight (\d+)$/m.exec(body)?.[1]);
}
