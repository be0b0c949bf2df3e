/** What a workflow's block waits for: the answer about a contact, beside feeds of several strengths. */
import { storeKinds } from '../../support/stores.js';
import { openVidhuk, type VidhukEntry } from '../contestants/vidhuk.js';
import { bodiesOf, Client } from '../load.js';
import { findMost, untilDrained } from '../race.js';
import type { Result } from '../report.js';
import { figure, percentile } from '../statistics.js';
import { bySize, type Context, type Section } from './section.js';

/** Questions a second. */
const askedPerSecond = 200;
/** Contacts of the simulated world that are asked about. */
const contacts = 10_000;
const batchSize = 100;

interface Feed {
  /** Among the figures. */
  key: string;
  /** Activities; 0: none. */
  perSecond: number;
}

async function run({ servers, size, say }: Context): Promise<Result> {
  const seconds = bySize(size, 30, 10, 0.5);
  const rows: string[][] = [];
  const figures: Record<string, number> = {};
  for (const queue of size === 'full' ? storeKinds : (['redis'] as const)) {
    say(`${queue}: how much is the most`);
    const entry = await openVidhuk(await servers.fresh(), { queue, workers: 2 });
    try {
      await entry.release();
      await askBeside(entry, { key: 'first', perSecond: 0 }, bySize(size, 20, 10, 0.5), 1); // until V8 has compiled what is hot
      const most = await findMost(entry, bySize(size, 60_000, 20_000, 1_000));
      const feeds: Feed[] = [
        { key: 'idle', perSecond: 0 },
        { key: '1000', perSecond: 1_000 },
        { key: 'half', perSecond: bySize(size, most / 2, most / 2, 500) },
        { key: 'most', perSecond: bySize(size, most, most, 1_000) },
      ];
      for (const [nth, feed] of feeds.entries()) {
        say(`${queue}: ${figure(feed.perSecond)} activities a second`);
        const times = await askBeside(entry, feed, seconds, nth + 2);
        const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
        rows.push([queue, figure(feed.perSecond), String(times.length), figure(p50), figure(p99)]);
        figures[`${queue}.${feed.key}.p50`] = p50;
        figures[`${queue}.${feed.key}.p99`] = p99;
        await untilDrained(entry, queue);
      }
    } finally {
      await entry.close();
    }
  }
  return {
    head: ['queue', 'activities/s', 'questions', 'p50 ms', 'p99 ms'],
    rows,
    figures,
    notes: [`${askedPerSecond} questions a second; the last feed is all that the same processes took and wrote just before`],
  };
}

/** Milliseconds of each answer. `seed`: activities that no other feed had. */
async function askBeside(entry: VidhukEntry, { perSecond }: Feed, seconds: number, seed: number): Promise<number[]> {
  const [feeder, asker] = [new Client(32), new Client(32)];
  const batches = Math.ceil((perSecond * seconds) / batchSize);
  const bodies = perSecond === 0 ? [] : bodiesOf({ activities: batches * batchSize, batchSize, contacts }, seed);
  const questions = Array.from({ length: askedPerSecond * seconds }, (_, nth) =>
    Buffer.from(JSON.stringify({ contactId: String((nth % contacts) + 1), workflowInstanceId: `run-${seed}-${nth}` })),
  );
  try {
    await asker.postAll(entry.askUrl, questions.slice(0, 64)); // connections are there
    const [times] = await Promise.all([
      asker.postAtRate(entry.askUrl, questions, askedPerSecond),
      feeder.postAtRate(entry.url, bodies, perSecond / batchSize),
    ]);
    return times;
  } finally {
    await Promise.all([feeder.close(), asker.close()]);
  }
}

export const answers: Section = {
  name: 'answers',
  about:
    'milliseconds until a workflow is told of a contact, 200 times a second, beside no feed, 1,000 activities a second, half the most and the most',
  run,
};
