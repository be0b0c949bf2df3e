/** Keeps things for as long as `retention` says: by one process at a time, in small steps. */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, toMs, type Configuration, type Logger } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { retained, type Retained } from './retained.js';
import { countDue, hasTable, takeStep } from './sql/retention-step.js';
import { readDiskByTable, type TableSize } from './sql/disk-by-table.js';

type Settings = Configuration['retention'];

/** Rows of one step: far below a second. */
const stepSize = 1_000;
/** ms between two steps, in which others have the disk. */
const pauseMs = 20;

/** Older than this may go; null: nothing ever. */
function horizonOf(settings: Settings, setting: Retained['setting'], now: Date): Date | null {
  const value = settings[setting];
  return value === 'forever' ? null : new Date(now.getTime() - toMs(value));
}

export interface RetentionState {
  what: string;
  setting: string;
  value: number | string;
  kept: number;
  /** So many go at the next run. */
  due: number;
  oldest: Date | null;
  /** When the oldest goes; null: never. */
  goesAt: Date | null;
}

/** What would go, and when; nothing is changed. */
export async function readRetention(
  dataSource: DataSource,
  settings: Settings,
  now: Date,
): Promise<{ kinds: RetentionState[]; disk: TableSize[] }> {
  const kinds: RetentionState[] = [];
  for (const kind of retained) {
    const { setting, what } = kind;
    const horizon = horizonOf(settings, setting, now);
    const { kept, due, oldest } = await countDue(dataSource, kind, horizon);
    const goesAt = horizon === null || oldest === null ? null : new Date(oldest.getTime() + now.getTime() - horizon.getTime());
    kinds.push({ what, setting, value: settings[setting], kept, due, oldest, goesAt });
  }
  return { kinds, disk: await readDiskByTable(dataSource) };
}

/** By what it is, how many went. `undefined` where another process is at it. Ends early, between two steps, when `signal` aborts. */
export async function retain(
  dataSource: DataSource,
  settings: Settings,
  { now, signal }: { now: Date; signal: AbortSignal },
): Promise<Record<string, number> | undefined> {
  const runner = dataSource.createQueryRunner();
  await runner.connect();
  const lock = `hashtextextended('vidhuk retention', 0)`;
  try {
    const [row] = (await runner.query(`select pg_try_advisory_lock(${lock}) as taken`)) as { taken: boolean }[];
    if (row?.taken !== true) return undefined;
    try {
      const gone: Record<string, number> = {};
      for (const kind of retained) {
        const horizon = horizonOf(settings, kind.setting, now);
        if (horizon === null || !(await hasTable(dataSource, kind.table))) continue;
        gone[kind.what] = await retainOne(dataSource, kind, horizon, signal);
      }
      return gone;
    } finally {
      await runner.query(`select pg_advisory_unlock(${lock})`);
    }
  } finally {
    await runner.release();
  }
}

async function retainOne(dataSource: DataSource, kind: Retained, horizon: Date, signal: AbortSignal): Promise<number> {
  let gone = 0;
  while (!signal.aborted) {
    const step = await takeStep(dataSource, kind, horizon, stepSize);
    gone += step;
    if (step < stepSize) break;
    await sleep(pauseMs);
  }
  return gone;
}

const hourMs = 3_600_000;

/** Hourly, from now on; failures are logged, the next hour tries again. Gives the function that ends it. */
export function startRetention(dataSource: DataSource, settings: () => Settings, log: Logger): () => void {
  const stopping = new AbortController();
  const attempt = () => {
    retain(dataSource, settings(), { now: new Date(), signal: stopping.signal })
      .then((gone) => {
        if (Object.values(gone ?? {}).some((count) => count > 0))
          log.info({ gone }, 'what had been kept for long enough is gone');
      })
      .catch((error: unknown) => {
        if (!stopping.signal.aborted) log.warn({ err: messageOf(error) }, 'retention failed, the next hour tries again');
      });
  };
  attempt();
  const timer = setInterval(attempt, hourMs);
  return () => {
    stopping.abort();
    clearInterval(timer);
  };
}
