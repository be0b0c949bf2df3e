/** What would go, and when; where the disk goes, and how fast. Nothing is changed. */
import type { DataSource } from 'typeorm';
import { batchHorizonOf, horizonOf, logHorizonOf } from './horizons.js';
import { keptBodies, retained, type Settings } from './retained.js';
import type { RetentionConfiguration } from './retention.js';
import { readDiskByTable, type TableSize } from './sql/disk-by-table.js';
import { readDataFolder, readGrowth, type Growth } from './sql/disk-days.js';
import { partitionsOf } from './sql/partitions-of.js';
import { countDue } from './sql/retention-step.js';
import { whyKept } from './sql/why-kept.js';

interface RetentionState {
  what: string;
  setting: string;
  value: number | string;
  /** Of the log about so many, by the statistics. */
  kept: number;
  /** So many go at the next run. */
  due: number;
  oldest: Date | null;
  /** When the oldest goes; null: never. */
  goesAt: Date | null;
}

/** `goesAt`: when a month goes as a whole; null: never, or not by months. */
type SizedTable = TableSize & { goesAt: Date | null };

export interface RetentionReport {
  kinds: RetentionState[];
  disk: SizedTable[];
  growth: Growth;
  /** Why months stay that are due. */
  stays: string[];
  /** Where the server keeps its files; null where this user may not know. */
  dataFolder: string | null;
}

export async function readRetention(
  dataSource: DataSource,
  configuration: RetentionConfiguration,
  now: Date,
): Promise<RetentionReport> {
  const { retention } = configuration;
  const kinds: RetentionState[] = [await logState(dataSource, retention, now)];
  for (const kind of [keptBodies, ...retained]) {
    const { setting, what } = kind;
    const horizon = horizonOf(retention, setting, now);
    const { kept, due, oldest } = await countDue(dataSource, kind, horizon);
    kinds.push({ what, setting, value: retention[setting], kept, due, oldest, goesAt: later(oldest, now, horizon) });
  }
  const stays: string[] = [];
  for (const [table, horizon] of [
    ['activity', logHorizonOf(retention, now)],
    ['batch', batchHorizonOf(configuration, now)],
    ['workflow_request', horizonOf(retention, 'requests', now)],
  ] as const) {
    const why = horizon === null ? undefined : await whyKept(dataSource, table, horizon);
    if (why !== undefined) stays.push(why);
  }
  const lasts: Record<string, Date | null> = {
    activity: logHorizonOf(retention, now) === null ? null : horizonOf(retention, 'log', now),
    batch: batchHorizonOf(configuration, now),
    workflow_request: horizonOf(retention, 'requests', now),
  };
  const disk = (await readDiskByTable(dataSource)).map((size) => ({
    ...size,
    goesAt: size.month === null ? null : later(endOf(size.month), now, lasts[size.table] ?? null),
  }));
  return { kinds, disk, stays, growth: await readGrowth(dataSource, now), dataFolder: await readDataFolder(dataSource) };
}

/** When what is as old as `time` goes, if what is as old as `horizon` goes now. */
const later = (time: Date | null, now: Date, horizon: Date | null): Date | null =>
  time === null || horizon === null ? null : new Date(time.getTime() + now.getTime() - horizon.getTime());

const endOf = (month: string): Date => {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number));
};

/** Counted by months: a look at every row would take as long as the log is large. */
async function logState(dataSource: DataSource, settings: Settings, now: Date): Promise<RetentionState> {
  const months = (await partitionsOf(dataSource, 'activity')).filter(({ month, rows }) => month !== null && rows > 0);
  const horizon = logHorizonOf(settings, now);
  const rowsOf = (leaves: typeof months) => leaves.reduce((sum, { rows }) => sum + rows, 0);
  const due = months.filter(({ month }) => month !== null && horizon !== null && month.to <= horizon);
  const oldest = months[0]?.month ?? null;
  return {
    what: 'the log, by whole months',
    setting: 'log',
    value: settings.log,
    kept: rowsOf(months),
    due: rowsOf(due),
    oldest: oldest?.from ?? null,
    goesAt: later(oldest?.to ?? null, now, horizonOf(settings, 'log', now)),
  };
}
