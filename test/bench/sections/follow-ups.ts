/** What follow-ups cost and how fast they go, with real stores and a receiver on this machine. Variants take turns. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Agent } from 'undici';
import type { Action } from '../../../packages/worker/src/follow-up/action.js';
import { httpRequest } from '../../../packages/worker/src/handlers/http-request.js';
import { singlePayload } from '../../../packages/worker/src/handlers/payload.js';
import { toPlanned } from '../../../packages/worker/src/follow-up/planner.js';
import type { Activity } from '../../../packages/worker/src/activity/activity.js';
import { actionOf } from '../../support/follow-up/actions.js';
import { activity, bounce, noon } from '../../support/follow-up/activities.js';
import { Bed } from '../../support/follow-up/bed.js';
import type { Result } from '../report.js';
import { until } from '../../support/poll.js';
import { storeKinds, type StoreKind } from '../../support/stores.js';
import { figure, median } from '../statistics.js';
import { bySize, type Context, type Section, type Size } from './section.js';

interface Figure {
  what: string;
  value: number;
  unit: string;
}

const concurrency = 32;
const people = (count: number, from: number): Activity[] =>
  Array.from({ length: count }, (_, index) => activity({ contactId: from + index, occurredAt: noon + index }));

/** The nth transaction: 2,000 of 20,000 contacts, one in 20 bounces, another one each time that they come round. */
function batch(nth: number): Activity[] {
  const from = (nth % 10) * 2_000;
  const turn = Math.floor(nth / 10);
  return Array.from({ length: 2_000 }, (_, index) => {
    const given = { contactId: from + index + 1, occurredAt: noon + nth * 60_000 + index };
    return (index + turn) % 20 === 0 ? bounce(given) : activity(given);
  });
}

/** A transaction of 2,000 activities of which 5 % match, against the same without actions. */
async function planning(bed: Bed, rounds: number): Promise<Figure[]> {
  const variants: { what: string; actions: Action[] }[] = [
    { what: 'no action', actions: [] },
    { what: '5 % match', actions: [actionOf({ when: { status: 'UNDELIVERED' } })] },
    { what: '5 % turn a flag', actions: [actionOf({ when: { becomes: 'blacklisted' } })] },
  ];
  const times = variants.map((): number[] => []);
  let transactions = 0;
  for (let round = -4; round < rounds; round++) {
    for (const [index] of variants.entries()) {
      const at = (index + round + 4) % variants.length;
      const activities = batch(transactions++);
      const started = performance.now();
      await bed.plan(variants[at]?.actions ?? [], activities);
      if (round >= 0) times[at]?.push(performance.now() - started);
    }
  }
  const [without = []] = times;
  return variants.flatMap(({ what }, at) => {
    const own = times[at] ?? [];
    const ms = { what: `transaction of 2,000 activities, ${what}`, value: median(own), unit: 'ms' };
    if (at === 0) return [ms];
    const shares = own.map((time, round) => (time / (without[round] ?? Number.NaN) - 1) * 100);
    return [ms, { what: `cost of planning, ${what}`, value: median(shares), unit: '%' }];
  });
}

/** Rows that are waiting when a worker starts, until the last one is done. */
async function perSecond(kind: StoreKind, rows: number, settings: Record<string, unknown>): Promise<number> {
  const bed = await Bed.open(kind);
  try {
    const action = actionOf({ run: 'http-request', concurrency, ...settings }, httpRequest);
    for (let from = 0; from < rows; from += 5_000) await bed.plan([action], people(Math.min(5_000, rows - from), from + 1));
    await bed.query('analyze vidhuk.follow_up');
    const started = performance.now();
    await bed.worker([action], { pollMs: 1_000 });
    // Looks for one that is not done: counting all of them took a third of the time that it measured.
    const left = `select exists (select from vidhuk.follow_up where action = $1 and state in ('waiting', 'queued')) as any`;
    const isDone = async () => (await bed.query<{ any: boolean }>(left, [action.name]))[0]?.any === false;
    await until('all are done', isDone, { timeoutMs: 300_000, everyMs: 100 });
    const perSecond = rows / ((performance.now() - started) / 1_000);
    if ((await bed.counts()).done !== rows) throw new Error('not every follow-up was done');
    return perSecond;
  } finally {
    await bed.close();
  }
}

/** The most that could be: as many calls at once with the same body, and nothing else. */
async function bareLoop(url: string, calls: number): Promise<number> {
  const agent = new Agent();
  const given = { ...toPlanned(activity()), followUpId: '', contact: null, previous: null };
  const body = JSON.stringify(singlePayload('act', given));
  const { origin, pathname: path } = new URL(url);
  let left = calls;
  const loop = async () => {
    while (left-- > 0) {
      const answer = await agent.request({ origin, path, method: 'POST', headers: { 'content-type': 'application/json' }, body });
      await answer.body.text();
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: concurrency }, loop));
  const perSecond = calls / ((performance.now() - started) / 1_000);
  await agent.destroy();
  return perSecond;
}

async function calls(url: string, size: Size): Promise<Figure[]> {
  const settings = { with: { url, allowPrivateNetwork: true, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' } };
  const group = { max: 100, withinMs: 100 };
  const bare: number[] = [];
  const single = new Map<StoreKind, number[]>(storeKinds.map((kind) => [kind, []]));
  const grouped = new Map<StoreKind, number[]>(storeKinds.map((kind) => [kind, []]));
  const share = bySize(size, 1, 0.4, 0.02);
  await bareLoop(url, 2_000 * share);
  for (let round = 0; round < bySize(size, 3, 1, 1); round++) {
    bare.push(await bareLoop(url, 10_000 * share));
    for (const kind of storeKinds) {
      single.get(kind)?.push(await perSecond(kind, 5_000 * share, settings));
      grouped.get(kind)?.push(await perSecond(kind, 40_000 * share, { ...settings, group }));
    }
  }
  return [
    { what: 'bare loop of undici calls', value: median(bare), unit: 'calls/s' },
    ...storeKinds.flatMap((kind) => [
      { what: `single, ${kind}`, value: median(single.get(kind) ?? []), unit: 'calls/s' },
      { what: `single, ${kind}, of the bare loop`, value: (median(single.get(kind) ?? []) / median(bare)) * 100, unit: '%' },
      { what: `groups of 100, ${kind}`, value: median(grouped.get(kind) ?? []), unit: 'activities/s' },
    ]),
  ];
}

async function run({ size, say }: Context): Promise<Result> {
  const receiver = new Worker(new URL('../receiver-thread.mjs', import.meta.url), { execArgv: [] });
  try {
    const [port] = (await once(receiver, 'message')) as [number];
    say('planning');
    const bed = await Bed.open('postgres');
    const figures = await planning(bed, bySize(size, 25, 5, 1)).finally(() => bed.close());
    say('calls');
    figures.push(...(await calls(`http://127.0.0.1:${port}/hook`, size)));
    return {
      head: ['what', 'median', 'unit'],
      rows: figures.map(({ what, value, unit }) => [what, figure(value), unit]),
      figures: Object.fromEntries(figures.map(({ what, value }) => [what, value])),
    };
  } finally {
    await receiver.terminate();
  }
}

export const followUps: Section = {
  name: 'follow-ups',
  about: 'what planning adds to a transaction, and calls a second, single and in groups',
  run,
};
