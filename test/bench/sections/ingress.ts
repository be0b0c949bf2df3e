/** The answer: how many a second, and how long one takes, against Koa that does nothing and against Koa that waits for the disk once. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';
import { openVidhuk } from '../contestants/vidhuk.js';
import { Client, bodiesOf } from '../load.js';
import type { Result } from '../report.js';
import type { Servers } from '../servers.js';
import { figure, median, percentile } from '../statistics.js';
import { bySize, type Context, type Section } from './section.js';

interface Receiver {
  name: string;
  url: string;
  close: () => Promise<void>;
}

/** Ten of the vendor's activities, 4 to 5 KB: what a feed without backlog brings at once is not known. */
const batchSize = 10;
const connections = [16, 256];
const reference = 'Vidhuk, redis';

async function run({ servers, size, say }: Context): Promise<Result> {
  const requests = bySize(size, 10_000, 1_500, 60);
  const rounds = bySize(size, 5, 1, 1);
  const bodies = bodiesOf({ activities: requests * batchSize, batchSize, contacts: 100_000 });
  const measured = new Map<string, { perSecond: number; times: number[] }[]>();
  const add = (key: string, value: { perSecond: number; times: number[] }) =>
    measured.set(key, [...(measured.get(key) ?? []), value]);

  for (let round = 0; round < rounds; round++) {
    const receivers: (() => Promise<Receiver>)[] = [
      () => ingress(reference, 'redis', servers), // first: the pace of the others is taken from it
      () => ingress('Vidhuk, postgres', 'postgres', servers),
      () => plainKoa('plain Koa'),
      () => plainKoa('plain Koa + fsync', 'fsync'),
    ];
    for (const start of receivers) {
      const receiver = await start();
      try {
        say(`round ${round + 1} of ${rounds}: ${receiver.name}`);
        for (const count of connections) {
          const client = new Client(count);
          await client.postAll(receiver.url, bodies.slice(0, requests / 10)); // warm
          const started = performance.now();
          const times = await client.postAll(receiver.url, bodies);
          add(`${receiver.name}.${count}`, { perSecond: requests / ((performance.now() - started) / 1_000), times });
          await client.close();
        }
        const perSecond = (measured.get(`${reference}.16`)?.at(-1)?.perSecond ?? Number.NaN) / 2;
        const client = new Client(64);
        add(`${receiver.name}.half`, {
          perSecond,
          times: await client.postAtRate(receiver.url, bodies.slice(0, requests / 2), perSecond),
        });
        await client.close();
      } finally {
        await receiver.close();
      }
    }
  }

  const names = ['plain Koa', 'plain Koa + fsync', reference, 'Vidhuk, postgres'];
  const loads = [
    ...connections.map((count) => ({ key: String(count), name: `${count} connections` })),
    { key: 'half', name: 'half the most' },
  ];
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
      `bodies of ${batchSize} activities; medians of ${rounds} rounds of ${requests} requests. Half the most: of what Vidhuk took on Redis from 16`,
      'connections, sent at even times; the milliseconds count from when a request was due.',
    ],
  };
}

async function ingress(name: string, queue: 'redis' | 'postgres', servers: Servers): Promise<Receiver> {
  const entry = await openVidhuk(await servers.fresh(), { queue, workers: 0 });
  return { name, url: entry.url, close: () => entry.close() };
}

async function plainKoa(name: string, fsync?: 'fsync'): Promise<Receiver> {
  const file = fsync === undefined ? [] : [join(await makeTemporaryDirectory(), 'received')];
  const child = fork(new URL('../plain-koa.mjs', import.meta.url), file, { execArgv: [] });
  const [port] = (await once(child, 'message')) as [number];
  const exited = once(child, 'exit');
  return {
    name,
    url: `http://127.0.0.1:${port}/`,
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
