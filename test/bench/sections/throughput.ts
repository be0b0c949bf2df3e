/** Everybody with the same activities, in turns: the limit, Vidhuk in its shapes, and what a user would build instead. */
import { alternatives } from '../alternatives/index.js';
import type { Contestant } from '../contestant.js';
import { copy, transactionAlone, type Limit } from '../contestants/limit.js';
import { vidhuk } from '../contestants/vidhuk.js';
import { storeKinds, type StoreKind } from '../../support/stores.js';
import { bodiesOf, type Load } from '../load.js';
import { runLap, type Lap, type Phase } from '../race.js';
import type { Result } from '../report.js';
import { figure, median, spread, sum } from '../statistics.js';
import { bySize, type Context, type Section, type Size } from './section.js';

interface Entrant {
  /** Among the figures. */
  key: string;
  contestant: Contestant;
  load: Load;
}

const contacts = 100_000;
const load = (activities: number, batchSize = 500): Load => ({ activities, batchSize, contacts });

const batchSizes = [1, 10, 100, 500, 2_000];

/** A lap takes some seconds in every phase; large batches long enough that the first second, in which V8 still compiles, weighs little. */
function activitiesFor(batchSize: number, size: Size): number {
  if (size === 'smoke') return Math.min(400, batchSize * 40);
  const usual = batchSize === 1 ? 4_000 : batchSize === 10 ? 20_000 : batchSize === 100 ? 50_000 : 160_000;
  return size === 'quick' ? usual / 10 : usual;
}

interface Shape {
  queue: StoreKind;
  workers: number;
  batchSize: number;
  actions: 'none' | 'matching' | 'turning';
  fewOptOuts: boolean;
}

function entrantsOf(size: Size): Entrant[] {
  const shapes = storeKinds.flatMap((queue) =>
    [2, 1].flatMap((workers) =>
      batchSizes.map((batchSize): Shape => ({ queue, workers, batchSize, actions: 'none', fewOptOuts: false })),
    ),
  );
  const withActions = storeKinds.flatMap((queue): Shape[] =>
    [
      { actions: 'matching' as const, fewOptOuts: false },
      { actions: 'none' as const, fewOptOuts: true },
      { actions: 'turning' as const, fewOptOuts: true },
    ].map((differently) => ({ queue, workers: 2, batchSize: 500, ...differently })),
  );
  const own = [...shapes, ...withActions]
    .filter((shape) => isIn(shape, size))
    .map(({ queue, workers, batchSize, actions, fewOptOuts }): Entrant => {
      const feed = fewOptOuts ? ', few opt-outs' : '';
      const action = { none: '', matching: ', an action for 5 %', turning: ', an action on becoming unsubscribed' }[actions];
      const name = `Vidhuk, ${queue}, batches of ${batchSize}, ${workers === 1 ? '1 worker' : `${workers} workers`}${feed}${action}`;
      const parts = [queue, batchSize, workers, ...(fewOptOuts ? ['few'] : []), ...(actions === 'none' ? [] : [actions])];
      return {
        key: ['vidhuk', ...parts].join('.'),
        contestant: vidhuk(name, { queue, workers, actions }),
        load: { ...load(activitiesFor(batchSize, size), batchSize), fewOptOuts },
      };
    });
  const hot: Entrant = {
    key: 'vidhuk.redis.500.2.hot',
    contestant: vidhuk('Vidhuk, redis, batches of 500, 2 workers, all on 10 contacts', { queue: 'redis', workers: 2 }),
    load: { ...load(activitiesFor(500, size)), contacts: 10 },
  };
  const others = alternatives.map(({ activities, ...contestant }): Entrant => ({
    key: contestant.name,
    contestant,
    load: load(size === 'full' ? activities : Math.ceil(activities / 12)),
  }));
  return size === 'smoke' ? own : [...own, hot, ...others]; // the others have a test of their own
}

/** A quick run has the shapes that the goals are about, a smoke run one for each kind of code. */
function isIn({ queue, workers, batchSize, actions, fewOptOuts }: Shape, size: Size): boolean {
  if (size === 'full') return true;
  if (workers !== 2) return false;
  if (size === 'quick')
    return actions !== 'matching' && (queue === 'redis' ? batchSize !== 100 && batchSize !== 2_000 : batchSize === 500);
  return batchSize === 500 && actions === (queue === 'redis' ? 'turning' : 'none') && fewOptOuts === (queue === 'redis');
}

const limits: readonly { key: string; name: string; run: Limit }[] = [
  { key: 'copy', name: 'COPY into a bare log', run: copy },
  { key: 'transaction', name: 'Vidhuk’s transaction alone, 2 connections', run: transactionAlone },
];

async function run(context: Context): Promise<Result> {
  const { servers, size, say } = context;
  const entrants = entrantsOf(size);
  const laps = new Map<Entrant, Lap[]>(entrants.map((entrant) => [entrant, []]));
  const atBest = new Map<string, number[]>(limits.map(({ key }) => [key, []]));
  const limitLoad = load(bySize(size, 120_000, 40_000, 1_000));
  const bodies = bodiesOf(limitLoad);
  const rounds = bySize(size, 3, 1, 1);
  for (let round = 0; round < rounds; round++) {
    for (const { key, name, run } of limits) {
      say(`round ${round + 1} of ${rounds}: ${name}`);
      // Twice: the ratios of all the others are taken to it.
      for (let lap = 0; lap < 2; lap++) atBest.get(key)?.push(limitLoad.activities / (await run(await servers.fresh(), bodies)));
    }
    for (const entrant of entrants) {
      say(`round ${round + 1} of ${rounds}: ${entrant.contestant.name}`);
      laps.get(entrant)?.push(await runLap(entrant.contestant, entrant.load, servers));
    }
  }
  const copied = median(atBest.get('copy') ?? []);
  const limitRows = limits.map(({ key, name }) => {
    const rates = atBest.get(key) ?? [];
    return [name, '', figure(median(rates)), spread(rates), figure(median(rates) / copied), '', '', ''];
  });
  return {
    head: ['contestant', 'queued/s', 'drained/s', 'spread', 'of COPY', 'sustained/s', 'CPU µs each', 'peak MB'],
    rows: [...limitRows, ...entrants.map((entrant) => rowOf(entrant, laps.get(entrant) ?? [], copied))],
    figures: Object.fromEntries([
      ...limits.map(({ key }) => [key, median(atBest.get(key) ?? [])] as const),
      ...entrants.flatMap((entrant) => figuresOf(entrant, laps.get(entrant) ?? [])),
    ]),
    notes: [
      'activities a second: accepted while the workers hold still; drained from their release to the last commit; then taken and drained at once.',
      'CPU µs each: of drained activities, ingress / workers / queue’s Redis / PostgreSQL. peak MB: ingress / largest worker.',
    ],
  };
}

const medianOf = (laps: readonly Lap[], phase: 'queued' | 'drained' | 'sustained'): number =>
  median(laps.map((lap) => lap[phase].perSecond));
const peakOf = (laps: readonly Lap[], role: string): number =>
  Math.max(0, ...laps.flatMap((lap) => Object.entries(lap.peakMb).flatMap(([name, mb]) => (name.startsWith(role) ? [mb] : []))));

function rowOf({ contestant, load }: Entrant, laps: readonly Lap[], copied: number): string[] {
  const drained = laps.map((lap) => lap.drained);
  const cpu = ['ingress', 'worker', 'redis', 'postgres'].map((role) =>
    figure(median(drained.map((phase) => microseconds(phase, role, load.activities)))),
  );
  return [
    contestant.name,
    figure(medianOf(laps, 'queued')),
    figure(medianOf(laps, 'drained')),
    spread(drained.map(({ perSecond }) => perSecond)),
    figure(medianOf(laps, 'drained') / copied),
    figure(medianOf(laps, 'sustained')),
    cpu.join(' / '),
    ['ingress', 'worker'].map((role) => figure(peakOf(laps, role))).join(' / '),
  ];
}

/** Of CPU for one activity, by all processes whose name begins so. */
const microseconds = ({ cpu }: Phase, role: string, activities: number): number =>
  (sum(Object.entries(cpu).flatMap(([name, seconds]) => (name.startsWith(role) ? [seconds] : []))) / activities) * 1e6;

const figuresOf = ({ key }: Entrant, laps: readonly Lap[]): [string, number][] => [
  [`${key}.queued`, medianOf(laps, 'queued')],
  [`${key}.drained`, medianOf(laps, 'drained')],
  [`${key}.sustained`, medianOf(laps, 'sustained')],
  ...['ingress', 'worker'].map((role): [string, number] => [`${key}.${role}.peakMb`, peakOf(laps, role)]),
];

export const throughput: Section = {
  name: 'throughput',
  about: 'activities a second: COPY, the transaction alone, Vidhuk end to end, and what a user would build instead',
  run,
};
