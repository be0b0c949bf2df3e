/** What a run has shown, as figures and as a table. */
import type { RunResult } from './run-seeds.js';

interface KindFigures {
  kind: string;
  times: number;
  /** Times that it could not strike, because another fault was in its way. */
  prevented: number;
  /** From the healing to the feed's next 200; null: the feed was at its end by then. */
  recoverySeconds: { median: number; max: number } | null;
}

export interface Report {
  backend: string;
  seeds: number;
  minutes: number;
  faults: number;
  /** Faults that could not strike. */
  prevented: number;
  hostileRequests: number;
  activities: { acknowledged: number; lost: number; doubled: number };
  followUps: { due: number; lost: number; doubled: number; altered: number };
  longestStallSeconds: number;
  /** From the last healing of a seed until the end of its checks in the database. */
  drainedSeconds: { median: number; max: number };
  /** Processes that their supervisor had to start again although nobody had ended them. */
  endedByThemselves: number;
  kinds: KindFigures[];
  /** Kinds of fault that such a cluster, or this machine, does not have. */
  impossible: readonly string[];
  failures: { seed: number; problems: string[] }[];
  problems: string[];
}

export function reportOf({ backend, seeds, problems, surprises, seconds, impossible }: RunResult): Report {
  const sum = (figure: (seed: RunResult['seeds'][number]) => number) => seeds.reduce((total, seed) => total + figure(seed), 0);
  const scheduled = seeds.flatMap(({ faults }) => faults);
  const struck = scheduled.filter(({ healedAtMs }) => healedAtMs !== null);
  const times = (faults: typeof scheduled, name: string) => faults.filter(({ kind }) => kind === name).length;
  const recoveries = seeds.flatMap(({ feedRecoveries }) => feedRecoveries);
  const names = [...new Set(scheduled.map(({ kind }) => kind))].sort();
  return {
    backend,
    seeds: seeds.length,
    minutes: round(seconds / 60),
    faults: struck.length,
    prevented: scheduled.length - struck.length,
    hostileRequests: sum(({ hostileRequests }) => hostileRequests),
    activities: { acknowledged: sum((s) => s.acknowledged), lost: sum((s) => s.lost), doubled: sum((s) => s.doubled) },
    followUps: {
      due: sum(({ followUps }) => followUps.due),
      lost: sum(({ followUps }) => followUps.lost.length),
      doubled: sum(({ followUps }) => followUps.doubled.length),
      altered: sum(({ followUps }) => followUps.altered.length),
    },
    longestStallSeconds: round(Math.max(0, ...seeds.map(({ longestStallMs }) => longestStallMs)) / 1000),
    drainedSeconds: spread(seeds.map(({ drainedAfterMs }) => drainedAfterMs)) ?? { median: 0, max: 0 },
    endedByThemselves: surprises.length,
    kinds: names.map((name) => ({
      kind: name,
      times: times(struck, name),
      prevented: times(scheduled, name) - times(struck, name),
      recoverySeconds: spread(recoveries.filter(({ kind }) => kind === name).map(({ ms }) => ms)),
    })),
    impossible,
    failures: seeds.flatMap(({ seed, problems, followUps: { lost, doubled, altered } }) => {
      const all = [...problems, ...some('lost', lost), ...some('doubled', doubled), ...some('with other bytes', altered)];
      return all.length === 0 ? [] : [{ seed, problems: all }];
    }),
    problems: [...nothingOf(seeds, problems), ...problems, ...surprises],
  };
}

/** A run that played nothing would look like one that found nothing. */
const nothingOf = (seeds: RunResult['seeds'], problems: readonly string[]): string[] =>
  seeds.length === 0 && problems.length === 0 ? ['no seed was played'] : [];

export const isClean = ({ failures, problems, endedByThemselves }: Report): boolean =>
  failures.length === 0 && problems.length === endedByThemselves;

/** Of `npm run faults`: 1 when any of its runs has shown something that should not be, or when there was none. */
export const exitCodeOf = (reports: readonly Report[]): 0 | 1 => (reports.length > 0 && reports.every(isClean) ? 0 : 1);

export function describeReport(report: Report): string {
  const { activities, followUps, drainedSeconds, kinds, impossible, failures, problems } = report;
  const row = (name: string, value: string) => `${name.padEnd(52)} ${value}`;
  const figures = (spread: KindFigures['recoverySeconds']) => (spread === null ? '-' : `${spread.median} s, ${spread.max} s`);
  return [
    row(`queue on ${report.backend}: seeds`, `${report.seeds} in ${report.minutes} min`),
    row('faults', `${report.faults}${alsoPrevented(report.prevented)}`),
    row('hostile requests beside the feed', String(report.hostileRequests)),
    row('activities acknowledged', String(activities.acknowledged)),
    row('  lost', String(activities.lost)),
    row('  doubled', String(activities.doubled)),
    row('follow-ups due', String(followUps.due)),
    row('  lost', String(followUps.lost)),
    row('  doubled (another idempotency key)', String(followUps.doubled)),
    row('  repeated with other bytes', String(followUps.altered)),
    row('longest stall of the feed', `${report.longestStallSeconds} s`),
    row('drained and compared after the last fault: median, max', figures(drainedSeconds)),
    row('processes that ended by themselves', String(report.endedByThemselves)),
    '',
    row('fault', 'times; next 200 after it: median, max'),
    ...kinds.map(({ kind, times, prevented, recoverySeconds }) =>
      row(`  ${kind}`, `${times}${alsoPrevented(prevented)}; ${figures(recoverySeconds)}`),
    ),
    ...impossible.map((kind) => row(`  ${kind}`, 'not played: there is no such thing here')),
    ...problems.map((problem) => `! ${problem}`),
    ...failures.flatMap(({ seed, problems }) => [
      `! seed ${seed}: npm run faults -- --backend ${report.backend} --seed ${seed}`,
      ...problems.map((problem) => `    ${problem}`),
    ]),
  ].join('\n');
}

const alsoPrevented = (times: number): string => (times === 0 ? '' : ` (and ${times} prevented)`);

const round = (value: number): number => Math.round(value * 100) / 100;

function spread(ms: readonly number[]): { median: number; max: number } | null {
  const sorted = [...ms].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  return median === undefined ? null : { median: round(median / 1000), max: round((sorted.at(-1) ?? 0) / 1000) };
}

const some = (what: string, names: readonly string[]): string[] =>
  names.length === 0 ? [] : [`${names.length} follow-ups ${what}, such as ${names.slice(0, 3).join(', ')}`];
