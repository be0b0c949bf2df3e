/** A log that is fed by every road: by the webhook directly, by the others through a comparison. */
import { createGuardedHttp } from '../../packages/worker/src/handlers/guarded-http.js';
import { PartitionsOnDemand } from '../../packages/worker/src/db/partitions.js';
import type { Batch } from '../../packages/worker/src/projection/batch.js';
import { Projector } from '../../packages/worker/src/projection/projector.js';
import { Tombstones } from '../../packages/worker/src/projection/tombstones.js';
import type { Door } from '../../packages/worker/src/reconcile/door.js';
import { openExportDatabase } from '../../packages/worker/src/reconcile/export/export-database.js';
import { ExportRoad } from '../../packages/worker/src/reconcile/export/export-road.js';
import { PlatformApi, type Pace } from '../../packages/worker/src/reconcile/pull/platform-api.js';
import { PullRoad } from '../../packages/worker/src/reconcile/pull/pull-road.js';
import { reconcile, totalsOf, type RunResult } from '../../packages/worker/src/reconcile/reconcile.js';
import type { Road } from '../../packages/worker/src/reconcile/road.js';
import { captureLog, type CapturedLog } from './log-lines.js';
import type { ActivityApi } from './platform/activity-api.js';
import { batchOf, openDatabase, storedRows, type TestDatabase } from './projection.js';

/** Failures cost next to nothing. */
export const quickPace: Partial<Pace> = { timeoutMs: 300, attempts: 12, firstPauseMs: 1, longestPauseMs: 5, gapMs: 0 };

export const wholePeriod = { from: new Date('2026-02-28T00:00:00Z'), to: new Date('2026-03-20T00:00:00Z') };

export interface Bench {
  test: TestDatabase;
  captured: CapturedLog;
  push: (source: string, elements: readonly unknown[]) => Promise<void>;
  /** Keeps whoever was erased from coming back. */
  tombstones: Tombstones;
  run: (source: string, road: Road, given?: Partial<RunOptions>) => Promise<RunResult>;
  pull: (api: Pick<ActivityApi, 'baseUrl' | 'apiKey'>, options?: { maxRows?: number; pace?: Partial<Pace> }) => PullRoad;
  /** Closed with the bench. */
  export: (url: string, timeZone?: string, pageSize?: number) => Promise<ExportRoad>;
  closeExports: () => Promise<void>;
  /** The log of `source` without what says by which batch a row came. */
  log: (source: string) => Promise<Record<string, unknown>[]>;
  projections: (source: string) => Promise<unknown>;
  close: () => Promise<void>;
}

interface RunOptions {
  period: { from: Date; to: Date } | null;
  dryRun: boolean;
  scheduled: boolean;
  timeZone: string;
  signal: AbortSignal;
  /** Called before each submission. */
  beforeSubmit: () => void;
}

export async function openBench(eraseKey?: string): Promise<Bench> {
  const test = await openDatabase();
  const captured = captureLog();
  const tombstones = new Tombstones(eraseKey);
  const projector = new Projector(test.database, new PartitionsOnDemand(test.database), captured.log, undefined, tombstones);
  const http = createGuardedHttp();
  const closers: (() => Promise<void>)[] = [];
  const project = async (source: string, origin: Batch['origin'], elements: readonly unknown[], timeZone: string) => {
    const batch = batchOf(elements, { source, origin, timeZone });
    await projector.project([batch]);
  };
  return {
    test,
    captured,
    tombstones,
    async push(source, elements) {
      for (let start = 0; start < elements.length; start += 500)
        await project(source, 'webhook', elements.slice(start, start + 500), 'UTC');
    },
    async run(source, road, given = {}) {
      const { period = wholePeriod, dryRun = false, scheduled = false, timeZone = 'UTC', beforeSubmit } = given;
      const signal = given.signal ?? new AbortController().signal;
      const door: Door = {
        async submit(elements) {
          beforeSubmit?.();
          await project(source, road.name, elements, timeZone);
        },
        settled: () => Promise.resolve(),
      };
      const queue = { add: () => Promise.reject(new Error('the door is used')) };
      const room = { check: () => Promise.resolve() };
      const request = { source, settings: { timeZone, maxAhead: '1d' }, road, period, dryRun, scheduled };
      const openDoor = () => (dryRun ? null : door);
      const result = await reconcile(request, {
        dataSource: test.database,
        queue,
        room,
        tombstones,
        log: captured.log,
        signal,
        openDoor,
      });
      if (result === null) throw new Error('another run is at work');
      return result;
    },
    pull(api, { maxRows, pace } = {}) {
      const settings = { baseUrl: api.baseUrl, apiKey: api.apiKey, allowPrivateNetwork: true };
      const signal = new AbortController().signal;
      return new PullRoad(
        new PlatformApi({ http, settings, log: captured.log, signal, pace: { ...quickPace, ...pace } }),
        maxRows,
      );
    },
    async export(url, timeZone = 'UTC', pageSize) {
      const database = await openExportDatabase('main', { database: url, schema: 'esputnik' });
      closers.push(() => database.close());
      return new ExportRoad({ database, schema: 'esputnik', timeZone }, pageSize);
    },
    async closeExports() {
      for (const close of closers.splice(0)) await close();
    },
    log: (source) =>
      test.database.query<Record<string, unknown>[]>(
        `select occurred_at, activity_key, contact_id, message_id, message_instance_id, broadcast_id, workflow_id, workflow_instance_id, hard_bounce, status, media_type,
           iid, status_description, click_event_link, subscriptions
         from vidhuk.activity where source = $1 order by occurred_at, status, contact_id, iid, click_event_link`,
        [source],
      ),
    projections: (source) => storedRows(test.database, source),
    async close() {
      for (const close of closers) await close();
      await http.close();
      await test.drop();
    },
  };
}

/** Totals of what a run found. */
export const found = ({ drift }: RunResult) => totalsOf(drift);

/** Keys are made of the source too: with this the logs of two sources can be compared. */
export const withoutKeys = (rows: readonly Record<string, unknown>[]): unknown[] =>
  rows.map(({ activity_key: _, ...row }) => row);

/** As `storedRows` gives them, without the name of the source. */
export const anySource = (projections: unknown): unknown =>
  JSON.parse(JSON.stringify(projections), (name, value: unknown) => (name === 'source' ? undefined : value));
