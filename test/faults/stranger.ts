/** Somebody who sends hostile bodies and hostile HTTP beside the feed, all along. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../packages/simulator/src/random.js';
import { readCorpus } from '../support/corpus.js';
import { send, sendRaw } from '../support/http.js';
import type { Cluster } from './cluster.js';
import { strangersToken, token } from './configuration.js';

const everyMs = 100;
const timeoutMs = 5_000;

const head = `POST /webhooks/esputnik/main HTTP/1.1\r\nHost: x\r\n`;
const hidden = `POST /webhooks/esputnik/main/${token} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n[]`;
/** Without credentials, but for what is hidden in a body. */
const shapes: readonly string[] = [
  'GARBAGE\0\x01\x02\r\n\r\n',
  `GET /webhooks/esputnik/main/../../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n`,
  `${head}Content-Length: ${hidden.length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
  `${head}Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
  `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`,
  `${head}X: ${'x'.repeat(100_000)}\r\n\r\n`,
  `${head}Content-Length: 1000\r\n\r\n[`, // and nothing more
];

export interface HostileRequests {
  sent: number;
  /** Answers that nobody should get. */
  problems: string[];
}

/** Until `signal` aborts. What cannot be sent or gets no answer is the faults' doing; the cluster has to be well all the same. */
export async function beHostile(
  cluster: Pick<Cluster, 'shape' | 'process'>,
  seed: number,
  signal: AbortSignal,
): Promise<HostileRequests> {
  const random = new Random(seed, 0xbad);
  const ports = cluster.shape.ingresses.map((name) => cluster.process(name).port);
  const bodies = readCorpus();
  const problems = new Set<string>();
  let sent = 0;
  while (!signal.aborted) {
    const port = ports[random.integer(0, ports.length - 1)] ?? 0;
    const body = random.fraction() < 0.6 ? bodies[random.integer(0, bodies.length - 1)] : undefined;
    const shape = shapes[random.integer(0, shapes.length - 1)] ?? '';
    sent++;
    try {
      const wrong = body === undefined ? await answerToShape(port, shape) : await answerToBody(port, body.body);
      if (wrong !== null) problems.add(`${body?.name ?? JSON.stringify(shape.slice(0, 80))} was answered with ${wrong}`);
    } catch {
      // nobody there, cut off, or too slow: see above
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined); // it is over
  }
  return { sent, problems: [...problems] };
}

/** Whatever is in a body, good credentials get 200, or 503 while nothing can be stored. */
async function answerToBody(port: number, body: Buffer): Promise<string | null> {
  const url = `http://127.0.0.1:${port}/webhooks/esputnik/stranger/${strangersToken}`;
  const { status } = await send(url, { method: 'POST', body, timeoutMs });
  return status === 200 || status === 503 ? null : String(status);
}

async function answerToShape(port: number, shape: string): Promise<string | null> {
  const answer = await sendRaw(port, shape, { timeoutMs, endAfterMs: 50 });
  return /^HTTP\/1\.1 (?!503)[25]\d\d/m.exec(answer)?.[0] ?? null;
}
