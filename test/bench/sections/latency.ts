/** From the POST until the activity shows in `contact_status`, under an even feed. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { storeKinds } from '../../support/stores.js';
import { openVidhuk, type VidhukEntry } from '../contestants/vidhuk.js';
import { bodiesOf, Client } from '../load.js';
import { findMost, untilDrained } from '../race.js';
import type { Result } from '../report.js';
import { figure, percentile } from '../statistics.js';
import { bySize, type Context, type Section } from './section.js';

interface Feed {
  /** Among the figures. */
  key: string;
  perSecond: number;
  batchSize: number;
}

/** No simulated contact has such an id: theirs are below 2^44. */
const firstProbe = 2 ** 45;

async function run({ servers, size, say }: Context): Promise<Result> {
  const seconds = bySize(size, 30, 4, 0.5);
  const rows: string[][] = [];
  const figures: Record<string, number> = {};
  for (const queue of size === 'full' ? storeKinds : (['redis'] as const)) {
    say(`${queue}: how much is the most`);
    const entry = await openVidhuk(await servers.fresh(), { queue, workers: 2 });
    try {
      await entry.release();
      const most = await findMost(entry, bySize(size, 60_000, 20_000, 1_000));
      const feeds: Feed[] = [
        { key: '10', perSecond: 10, batchSize: 1 },
        { key: '1000', perSecond: 1_000, batchSize: 10 },
        { key: 'half', perSecond: bySize(size, most / 2, most / 2, 500), batchSize: 100 },
      ];
      for (const [nth, feed] of feeds.entries()) {
        say(`${queue}: ${figure(feed.perSecond)} activities a second`);
        const times = await visibleAfter(entry, feed, seconds, firstProbe + nth * 1e9);
        const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
        rows.push([
          `${queue}, batches of ${feed.batchSize}`,
          figure(feed.perSecond),
          String(times.length),
          figure(p50),
          figure(p99),
        ]);
        figures[`${queue}.${feed.key}.p50`] = p50;
        figures[`${queue}.${feed.key}.p99`] = p99;
        await untilDrained(entry, queue);
      }
    } finally {
      await entry.close();
    }
  }
  return {
    head: ['feed', 'activities/s', 'probes', 'p50 ms', 'p99 ms'],
    rows,
    figures,
    notes: ['the last feed is half of what the same processes took and wrote from 4 connections just before, in batches of 500'],
  };
}

/** Some of the batches, at most one at a time, carry one activity of a contact that nobody has seen: ms from their POST until it has a row. */
async function visibleAfter(entry: VidhukEntry, feed: Feed, seconds: number, probes: number): Promise<number[]> {
  const { batchSize, perSecond } = feed;
  const batches = Math.ceil((perSecond * seconds) / batchSize);
  const bodies = bodiesOf({ activities: batches * batchSize, batchSize, contacts: 100_000 }, probes);
  const client = new Client(32);
  const database = new pg.Client({ connectionString: entry.databaseUrl });
  await database.connect();
  const times: number[] = [];
  let watching: Promise<void> = Promise.resolve();
  let idle = true;
  try {
    const begun = performance.now();
    const pending: Promise<unknown>[] = [];
    for (const [index, body] of bodies.entries()) {
      await sleep(Math.max(0, begun + (index * batchSize * 1_000) / perSecond - performance.now()));
      if (!idle) {
        pending.push(client.post(entry.url, body));
        continue;
      }
      idle = false;
      const contactId = probes + index;
      const posted = performance.now();
      pending.push(client.post(entry.url, withProbe(body, contactId)));
      watching = untilVisible(database, contactId).then(() => {
        times.push(performance.now() - posted);
        idle = true;
      });
    }
    await Promise.all([...pending, watching]);
    return times;
  } finally {
    await client.close();
    await database.end();
  }
}

/** In place of the body's last activity. */
function withProbe(body: Buffer, contactId: number): Buffer {
  const parsed = JSON.parse(body.toString()) as object | object[];
  const elements = Array.isArray(parsed) ? (parsed as object[]) : [parsed];
  const probe = { ...elements.at(-1), contactId, iid: `probe-${contactId}` };
  return Buffer.from(JSON.stringify([...elements.slice(0, -1), probe]));
}

async function untilVisible(database: pg.Client, contactId: number): Promise<void> {
  const text = `select from vidhuk.contact_status where source = 'main' and contact_id = $1`;
  const end = performance.now() + 60_000;
  while ((await database.query({ name: 'probe', text, values: [contactId] })).rowCount === 0) {
    if (performance.now() > end) throw new Error(`contact ${contactId} is not visible within a minute`);
    await sleep(1);
  }
}

export const latency: Section = {
  name: 'latency',
  about: 'milliseconds from the POST until contact_status shows it, at 10 and 1,000 activities a second and at half the most',
  run,
};
