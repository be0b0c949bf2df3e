/** The goals that were set for Vidhuk, as ratios within one run wherever a ratio can be had. */
import { formatTable } from '../../packages/cli/src/output/table.js';
import type { Result } from './report.js';
import { figure } from './statistics.js';

interface Goal {
  what: string;
  bound: 'at least' | 'at most';
  goal: number;
  unit?: string;
  /** `of` gives a figure of a section. */
  value: (of: (section: string, key: string) => number) => number;
}

const redis500 = 'vidhuk.redis.500.2';
const t = 'throughput';

const goals: readonly Goal[] = [
  ...[
    { batch: 500, goal: 0.75 },
    { batch: 10, goal: 0.5 },
    { batch: 1, goal: 0.25 },
  ].map(({ batch, goal }): Goal => ({
    what: `drained, Redis, 2 workers, batches of ${batch}, of COPY`,
    bound: 'at least',
    goal,
    value: (of) => of(t, `vidhuk.redis.${batch}.2.drained`) / of(t, 'copy'),
  })),
  {
    what: 'drained, of the tutorial’s design',
    bound: 'at least',
    goal: 50,
    unit: '×',
    value: (of) => of(t, `${redis500}.drained`) / of(t, 'tutorial.drained'),
  },
  {
    what: 'drained, of the best of the other designs',
    bound: 'at least',
    goal: 10,
    unit: '×',
    value: (of) =>
      of(t, `${redis500}.drained`) /
      Math.max(...['tutorial', 'bullmq', 'pg-boss', 'graphile-worker'].map((one) => of(t, `${one}.drained`))),
  },
  {
    what: 'drained, with an action on becoming unsubscribed, of without',
    bound: 'at least',
    goal: 0.85,
    value: (of) => of(t, `${redis500}.few.turning.drained`) / of(t, `${redis500}.few.drained`),
  },
  {
    what: 'answer, p99 at half the most, of plain Koa + fsync',
    bound: 'at most',
    goal: 2,
    unit: '×',
    value: (of) => of('ingress', 'Vidhuk, redis.half.p99') / of('ingress', 'plain Koa + fsync.half.p99'),
  },
  {
    what: 'POST to visible, p99 at 1,000/s',
    bound: 'at most',
    goal: 150,
    unit: 'ms',
    value: (of) => of('latency', 'redis.1000.p99'),
  },
  {
    what: 'answer about a contact, p99 beside the most',
    bound: 'at most',
    goal: 20,
    unit: 'ms',
    value: (of) => of('answers', 'redis.most.p99'),
  },
  {
    what: 'rate of the last million, of the first',
    bound: 'at least',
    goal: 0.95,
    value: (of) => of('growth', 'last') / of('growth', 'first'),
  },
  {
    what: 'contact lookup, p99, in the database',
    bound: 'at most',
    goal: 2,
    unit: 'ms',
    value: (of) => of('growth', 'lookup.p99'),
  },
  {
    what: 'disk per activity: log, bodies, indexes',
    bound: 'at most',
    goal: 300,
    unit: 'bytes',
    value: (of) => of('growth', 'diskBytesEach'),
  },
  {
    what: 'Redis per waiting activity, batches of 500',
    bound: 'at most',
    goal: 60,
    unit: 'bytes',
    value: (of) => of('growth', 'redisBytesEach'),
  },
  {
    what: 'ingress, resident, idle for a minute',
    bound: 'at most',
    goal: 90,
    unit: 'MB',
    value: (of) => of('growth', 'ingress.idleMb'),
  },
  {
    what: 'ingress, resident, full load',
    bound: 'at most',
    goal: 180,
    unit: 'MB',
    value: (of) => of(t, `${redis500}.ingress.peakMb`),
  },
  {
    what: 'worker, resident, idle for a minute',
    bound: 'at most',
    goal: 110,
    unit: 'MB',
    value: (of) => of('growth', 'worker.idleMb'),
  },
  {
    what: 'worker, resident, full load',
    bound: 'at most',
    goal: 250,
    unit: 'MB',
    value: (of) => of(t, `${redis500}.worker.peakMb`),
  },
];

export interface Verdict {
  what: string;
  value: number;
  goal: string;
  met: boolean;
}

/** Those whose sections were run. */
export function judge(results: Readonly<Record<string, Result>>): Verdict[] {
  const of = (section: string, key: string): number => results[section]?.figures[key] ?? Number.NaN;
  return goals.flatMap(({ what, bound, goal, unit = '', value: valueOf }) => {
    const value = valueOf(of);
    if (!Number.isFinite(value)) return [];
    const met = bound === 'at least' ? value >= goal : value <= goal;
    return [{ what, value, goal: `${bound === 'at least' ? '≥' : '≤'} ${goal} ${unit}`.trimEnd(), met }];
  });
}

export const showVerdicts = (verdicts: readonly Verdict[]): string =>
  formatTable(
    ['goal', 'measured', 'wanted', ''],
    verdicts.map(({ what, value, goal, met }) => [what, figure(value), goal, met ? 'met' : 'missed']),
    { right: ['measured', 'wanted'] },
  );
