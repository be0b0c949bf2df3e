/** Keeps things for as long as `retention` says: by one process at a time, in small steps. */
import { messageOf, type Configuration, type Logger } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { dropBodies } from './drop-bodies.js';
import { dropMonths } from './drop-months.js';
import { horizonOf } from './horizons.js';
import { retained } from './retained.js';
import { recordDisk } from './sql/disk-days.js';
import { earlierClock } from './sql/earlier-clock.js';
import { oneRetention } from './sql/one-retention.js';
import { partitionsOf } from './sql/partitions-of.js';
import { hasTable } from './sql/retention-step.js';
import { takeRows } from './take-rows.js';

export type RetentionConfiguration = Pick<Configuration, 'retention' | 'sources'>;

/** By what it is, how many went. `undefined` where another process is at it. Ends early, between two steps, when `signal` aborts. `onKept` hears why months stay that are due. */
export function retain(
  dataSource: DataSource,
  configuration: RetentionConfiguration,
  { now, signal, onKept = () => undefined }: { now: Date; signal: AbortSignal; onKept?: (why: string) => void },
): Promise<Record<string, number> | undefined> {
  return oneRetention(dataSource, () => retainAll(dataSource, configuration, now, signal, onKept));
}

/** Bodies before the months that they may outlive, months before the rows that are left in others. */
async function retainAll(
  dataSource: DataSource,
  configuration: RetentionConfiguration,
  now: Date,
  signal: AbortSignal,
  onKept: (why: string) => void,
): Promise<Record<string, number>> {
  const { retention, sources } = configuration;
  const gone: Record<string, number> = {};
  const bodies = horizonOf(retention, 'bodies', now);
  if (bodies !== null) gone['bodies of batches'] = await dropBodies({ dataSource, sources }, bodies, signal);
  Object.assign(gone, await dropMonths({ dataSource, configuration, onKept }, now, signal));
  for (const kind of retained) {
    const horizon = horizonOf(retention, kind.setting, now);
    if (horizon === null || !(await hasTable(dataSource, kind.table))) continue;
    gone[kind.what] = 0;
    for (const { name, month } of await partitionsOf(dataSource, kind.table))
      if (month === null || month.from < horizon)
        gone[kind.what] = (gone[kind.what] ?? 0) + (await takeRows(dataSource, name, kind, horizon, signal));
  }
  await recordDisk(dataSource, now);
  return gone;
}

const hourMs = 3_600_000;

/** Hourly, from now on; failures are logged, the next hour tries again. Gives the function that ends it. */
export function startRetention(dataSource: DataSource, configuration: () => RetentionConfiguration, log: Logger): () => void {
  const stopping = new AbortController();
  const attempt = () => {
    earlierClock(dataSource)
      .then((now) => retain(dataSource, configuration(), { now, signal: stopping.signal, onKept: (why) => log.warn(why) }))
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
