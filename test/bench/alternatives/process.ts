/** An ingress or a worker as a process: it answers each question of its parent, in order, and ends with it. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import type { Stores } from '../contestant.js';
import type { Alternative, WebhookEvent } from './alternative.js';

/** `release`: begin, answered at once. `count`: how many events were queued or committed so far. */
export type Question = 'release' | 'count';
/** The first, unasked, says that it is ready: an ingress' URL, or nothing. */
export type Answer = string | number;

/** A failure ends the process, and by that the round: nothing is repaired or passed over in silence. */
export async function runProcess(alternative: Alternative, [role, databaseUrl = '', redisUrl = '']: string[]): Promise<void> {
  process.on('disconnect', () => process.exit());
  const stores = { databaseUrl, redisUrl };
  const ready = await (role === 'ingress' ? runIngress : runWorker)(alternative, stores);
  process.on('message', (question: Question) => {
    if (question === 'release') ready.release();
    answer(ready.count());
  });
  answer(ready.url);
}

interface Ready {
  url: string;
  count: () => number;
  release: () => void;
}

const answer = (given: Answer): unknown => process.send?.(given);

async function runIngress(alternative: Alternative, stores: Stores): Promise<Ready> {
  const add = await alternative.openQueue(stores);
  let queued = 0;
  const app = new Koa();
  app.use(async (ctx) => {
    const events = await readEvents(ctx.req);
    await add(events);
    queued += events.length;
    ctx.body = 'ok';
  });
  const handle = app.callback();
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => void handle(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, count: () => queued, release: () => undefined };
}

async function readEvents(request: IncomingMessage): Promise<WebhookEvent[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString()) as WebhookEvent | WebhookEvent[];
  return Array.isArray(body) ? body : [body];
}

async function runWorker(alternative: Alternative, stores: Stores): Promise<Ready> {
  let committed = 0;
  const release = await alternative.openWorker(stores, () => {
    committed++;
  });
  return { url: '', count: () => committed, release };
}
