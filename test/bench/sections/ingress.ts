/** The answer: how many a second, and how long one takes, against Koa that does nothing and against Koa that waits for the disk once. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';
import type { Stores } from '../contestant.js';
import { openVidhuk } from '../contestants/vidhuk.js';
import { Client, bodiesOf } from '../load.js';
import type { Result } from '../report.js';
import { figure, median, percentile } from '../statistics.js';
import { bySize, type Context, type Section } from './section.js';

interface Receiver {
  name: string;
  url: string;
  /** Whose most gives the pace at half of it. */
  paceOf: string;
  close: () => Promise<void>;
}

interface Measured {
  perSecond: number;
  times: number[];
}

/** Ten of the vendor's activities, 4 to 5 KB: what a feed without backlog brings at once is not known. */
const batchSize = 10;
const reference = 'Vidhuk, redis';

async function run({ servers, size, say }: Context): Promise<Result> {
  const requests = bySize(size, 10_000, 1_000, 60);
  const rounds = bySize(size, 7, 1, 1);
  const pauseMs = bySize(size, 1_000, 0, 0); // the file system gives back the room of files that were removed
  const bodies = bodiesOf({ activities: requests * batchSize, batchSize, contacts: 100_000 });
  const measured = new Map<string, Measured[]>();

  const asFastAsTheyCome = (connections: number) => async (receiver: Receiver) => {
    const client = new Client(connections);
    await client.postAll(receiver.url, bodies.slice(0, requests / 10)); // warm
    const started = performance.now();
    const times = await client.postAll(receiver.url, bodies);
    const seconds = (performance.now() - started) / 1_000;
    await client.close();
    return { perSecond: requests / seconds, times };
  };
  const atHalfTheMost = async ({ url, paceOf }: Receiver) => {
    const perSecond = (measured.get(`${paceOf}.16`)?.at(-1)?.perSecond ?? Number.NaN) / 2;
    const client = new Client(64);
    await client.postAtRate(url, bodies.slice(0, requests / 10), perSecond); // warm
    const times = await client.postAtRate(url, bodies.slice(0, requests / 2), perSecond);
    await client.close();
    return { perSecond, times };
  };
  const loads = [
    { key: '16', name: '16 connections', measure: asFastAsTheyCome(16) },
    { key: '256', name: '256 connections', measure: asFastAsTheyCome(256) },
    { key: 'half', name: 'half the most', measure: atHalfTheMost },
  ];

  for (let round = 0; round < rounds; round++) {
    const stores = await servers.fresh();
    const receivers: Receiver[] = [];
    try {
      receivers.push(await ingress(reference, 'redis', stores));
      receivers.push(await ingress('Vidhuk, postgres', 'postgres', stores));
      receivers.push(await plainKoa('plain Koa'));
      receivers.push(await plainKoa('plain Koa + fsync', 'fsync'));
      const first = round % receivers.length; // nobody is always the one behind another
      const inTurn = [...receivers.slice(first), ...receivers.slice(0, first)];
      for (const load of loads) {
        for (const receiver of inTurn) {
          say(`round ${round + 1} of ${rounds}: ${load.name}, ${receiver.name}`);
          await servers.settle();
          await sleep(pauseMs);
          const key = `${receiver.name}.${load.key}`;
          measured.set(key, [...(measured.get(key) ?? []), await load.measure(receiver)]);
        }
      }
    } finally {
      for (const { close } of receivers.reverse()) await close();
    }
  }

  const names = ['plain Koa', 'plain Koa + fsync', reference, 'Vidhuk, postgres'];
  const middle = (key: string, share: number) => median((measured.get(key) ?? []).map(({ times }) => percentile(times, share)));
  const rate = (key: string) => median((measured.get(key) ?? []).map(({ perSecond }) => perSecond));
  return {
    head: ['receiver', 'load', 'requests/s', 'p50 ms', 'p99 ms', 'p99.9 ms'],
    rows: loads.flatMap((load) =>
      names.map((name) => {
        const key = `${name}.${load.key}`;
        return [name, load.name, ...[rate(key), middle(key, 0.5), middle(key, 0.99), middle(key, 0.999)].map(figure)];
      }),
    ),
    figures: Object.fromEntries(
      loads.flatMap((load) =>
        names.flatMap((name) => [
          [`${name}.${load.key}.perSecond`, rate(`${name}.${load.key}`)],
          [`${name}.${load.key}.p99`, middle(`${name}.${load.key}`, 0.99)],
        ]),
      ),
    ),
    notes: [
      `bodies of ${batchSize} activities; medians of ${rounds} rounds of ${requests} requests, in turns, workers at rest. Half the most: of what`,
      'it took itself from 16 connections, plain Koa of what Vidhuk took on Redis, sent at even times; the milliseconds count from when a request was due.',
    ],
  };
}

async function ingress(name: string, queue: 'redis' | 'postgres', stores: Stores): Promise<Receiver> {
  const { url, close } = await openVidhuk(stores, { queue, workers: 0 });
  return { name, url, paceOf: name, close };
}

async function plainKoa(name: string, fsync?: 'fsync'): Promise<Receiver> {
  const file = fsync === undefined ? [] : [join(await makeTemporaryDirectory(), 'received')];
  const child = fork(new URL('../plain-koa.mjs', import.meta.url), file, { execArgv: [] });
  const [port] = (await once(child, 'message')) as [number];
  const exited = once(child, 'exit');
  return {
    name,
    url: `http://127.0.0.1:${port}/`,
    paceOf: reference,
    async close() {
      child.disconnect();
      await exited;
    },
  };
}

export const ingressSection: Section = {
  name: 'ingress',
  about: 'requests a second and time to the answer, against plain Koa and plain Koa with one fsync',
  run,
};
