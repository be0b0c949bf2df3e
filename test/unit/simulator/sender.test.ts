import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Clock } from '../../../packages/simulator/src/clock.js';
import type { GeneratedBatch } from '../../../packages/simulator/src/generate.js';
import { type RequestRecord, sendBatches, type SenderOptions } from '../../../packages/simulator/src/sender.js';

interface Received {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}
type Reply = number | ((response: ServerResponse) => void);

const MINUTE = 60_000;
const batchOf = (name: string): GeneratedBatch => ({
  body: `["${name}"]`,
  elements: [{ text: `"${name}"`, broken: 'not-an-object' }],
});
const batches = (count: number): GeneratedBatch[] => Array.from({ length: count }, (_, index) => batchOf(`batch ${index}`));

/** Passes time at once and writes down how long it was asked to wait. */
class FakeClock implements Clock {
  readonly sleeps: number[] = [];
  #now = 0;
  now = (): number => this.#now;
  sleep = (ms: number): Promise<void> => {
    this.sleeps.push(ms);
    this.#now += ms;
    return Promise.resolve();
  };
}

describe('sendBatches', () => {
  const received: Received[] = [];
  let replies: Reply[] = [];
  let sockets = 0;
  let url = '';
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      received.push({ method, url: path, headers, body: Buffer.concat(chunks).toString() });
      const reply = replies.shift() ?? 200;
      if (typeof reply === 'function') reply(response);
      else response.writeHead(reply).end('ok');
    });
  });
  server.on('connection', () => sockets++);

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('no port');
    url = `http://127.0.0.1:${address.port}/webhooks/esputnik/main/secret`;
  });
  beforeEach(() => {
    received.length = 0;
    replies = [];
    sockets = 0;
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const run = async (list: Iterable<GeneratedBatch>, options: Partial<SenderOptions> = {}) => {
    const clock = new FakeClock();
    const records: RequestRecord[] = [];
    const acknowledged: GeneratedBatch[] = [];
    const unanswered: GeneratedBatch[] = [];
    const outcome = await sendBatches(list, {
      url,
      clock,
      onRequest: (record) => records.push(record),
      onAcknowledged: (batch) => void acknowledged.push(batch),
      onUnanswered: (batch) => void unanswered.push(batch),
      ...options,
    });
    return { outcome, records, acknowledged, unanswered, sleeps: clock.sleeps };
  };

  it('checks the URL with a GET, then posts one batch after the other over one connection', async () => {
    const { outcome, acknowledged } = await run(batches(3));
    expect(outcome).to.deep.equal({ end: 'complete' });
    expect(received.map(({ method, body }) => `${method} ${body}`)).to.deep.equal([
      'GET ',
      'POST ["batch 0"]',
      'POST ["batch 1"]',
      'POST ["batch 2"]',
    ]);
    expect(received.every((request) => request.url === '/webhooks/esputnik/main/secret')).to.be.true;
    expect(received[1]?.headers['content-type']).to.equal('application/json');
    expect(acknowledged).to.deep.equal(batches(3));
    expect(sockets).to.equal(1);
  });

  it('sends nothing when the check is not answered with 200', async () => {
    replies = [404];
    const { outcome } = await run(batches(1));
    expect(outcome).to.deep.equal({ end: 'check-failed', answer: { status: 404 } });
    expect(received).to.have.lengthOf(1);
  });

  it('waits 1, 2, 4, 8, 16, 32 and then always 60 minutes, and everything behind waits too', async () => {
    replies = Array.from({ length: 10 }, () => 503);
    const { records, sleeps } = await run(batches(2), { check: false });
    expect(sleeps.map((ms) => ms / MINUTE)).to.deep.equal([1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
    expect(records.map(({ batch, attempt }) => `${batch}.${attempt}`).slice(-2)).to.deep.equal(['0.11', '1.1']);
    expect(new Set(received.slice(0, 11).map(({ body }) => body)).size).to.equal(1);
  });

  it('passes the waits faster by the time scale', async () => {
    replies = [500, 500];
    const { sleeps } = await run(batches(1), { check: false, timeScale: 1000 });
    expect(sleeps).to.deep.equal([60, 120]);
  });

  for (const status of [201, 202, 204, 301, 302, 307, 400, 401, 413, 429, 500, 503]) {
    it(`takes ${status} for a failure and repeats the same bytes`, async () => {
      replies = [(response) => response.writeHead(status, { location: '/elsewhere' }).end()];
      const { outcome, acknowledged, records } = await run(batches(1), { check: false });
      expect(outcome.end).to.equal('complete');
      expect(acknowledged).to.have.lengthOf(1);
      expect(records.map(({ answer }) => answer)).to.deep.equal([{ status }, { status: 200 }]);
      expect(received.map((request) => request.url)).to.deep.equal(Array(2).fill('/webhooks/esputnik/main/secret'));
      expect(received[0]?.body).to.equal(received[1]?.body);
    });
  }

  it('takes a cut connection and a timeout for failures', async () => {
    replies = [
      (response) => response.destroy(),
      () => undefined,
      (response) => response.writeHead(200, { 'content-length': 9 }).write('half'),
    ];
    const { outcome, records } = await run(batches(1), { check: false, timeoutMs: 100 });
    expect(outcome.end).to.equal('complete');
    expect(records.map(({ answer }) => answer)).to.deep.equal([
      { error: 'UND_ERR_SOCKET' },
      { error: 'timeout' },
      { error: 'timeout' },
      { status: 200 },
    ]);
  });

  it('takes a refused connection for a failure, and gives up only when told to', async () => {
    const { outcome, unanswered } = await run(batches(2), { check: false, url: 'http://127.0.0.1:1/', maxAttempts: 3 });
    expect(outcome).to.deep.equal({ end: 'gave-up', batch: 0, answer: { error: 'ECONNREFUSED' } });
    expect(unanswered).to.deep.equal([batchOf('batch 0')]);
  });

  it('says that a batch is acknowledged before it sends the next one, and says it once', async () => {
    const order: string[] = [];
    replies = [503];
    await run(batches(2), {
      check: false,
      onRequest: ({ batch, answer }) => order.push(`${batch}:${'status' in answer ? answer.status : answer.error}`),
      onAcknowledged: async ({ body }) => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        order.push(`acknowledged ${body}`);
      },
    });
    expect(order).to.deep.equal(['0:503', '0:200', 'acknowledged ["batch 0"]', '1:200', 'acknowledged ["batch 1"]']);
  });

  it('sends acknowledged batches once more when it is to lose answers', async () => {
    const { acknowledged, sleeps } = await run(batches(3), { check: false, lostAnswers: 1 });
    expect(received.map(({ body }) => body)).to.deep.equal(batches(3).flatMap(({ body }) => [body, body]));
    expect(acknowledged).to.have.lengthOf(3);
    expect(sleeps).to.deep.equal([MINUTE, MINUTE, MINUTE]);
  });

  it('keeps to the rate', async () => {
    const { sleeps } = await run(batches(5), { check: false, rate: 10 });
    expect(sleeps).to.deep.equal([100, 100, 100, 100]);
  });

  it('stops within a wait as soon as it is told to', async () => {
    const controller = new AbortController();
    replies = [503];
    const { outcome, unanswered, acknowledged } = await run(batches(3), {
      signal: controller.signal,
      check: false,
      clock: {
        now: () => 0,
        sleep: (_ms, signal) =>
          new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted')))),
      },
      onWait: () => setImmediate(() => controller.abort()),
    });
    expect(outcome).to.deep.equal({ end: 'aborted' });
    expect([acknowledged.length, unanswered.length]).to.deep.equal([0, 1]);
  });

  it('cuts off a request under way when it is told to stop', async () => {
    const controller = new AbortController();
    replies = [200, () => controller.abort()];
    const { outcome, unanswered, acknowledged } = await run(batches(3), { signal: controller.signal, check: false });
    expect(outcome).to.deep.equal({ end: 'aborted' });
    expect([acknowledged, unanswered]).to.deep.equal([[batchOf('batch 0')], [batchOf('batch 1')]]);
  });

  it('authenticates by the URL’s password or by headers where the path has no token', async () => {
    await run(batches(1), { url: url.replace('http://', 'http://esputnik:p%40ss@'), headers: { 'x-webhook-token': 'token' } });
    for (const { headers } of received) {
      expect(headers.authorization).to.equal(`Basic ${Buffer.from('esputnik:p@ss').toString('base64')}`);
      expect(headers['x-webhook-token']).to.equal('token');
    }
  });
});
