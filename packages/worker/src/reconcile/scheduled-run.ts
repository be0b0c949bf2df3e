/** What is compared by itself: from the end of the latest complete run, less an overlap, until some minutes ago. */
import { PermanentError, toMs, type SourceConfiguration } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { withRoad, type RoadParts } from './open-road.js';
import { reconcile, type ReconcileParts } from './reconcile.js';
import { findUnfinished, readCursor } from './sql/reconcile-run.js';

/** What the webhook is about to bring is not missing: the platform sends every few minutes. */
const settledMs = 15 * 60_000;

/** No run goes back further: what could not be read for so long will hardly be read now, and each run would take longer than the one before. */
const mostBackMs = 30 * 86_400_000;

export type ScheduledParts = Pick<ReconcileParts, 'dataSource' | 'queue' | 'room' | 'tombstones' | 'openDoor'> & RoadParts;

/** All roads of the source, one after the other; the next scheduled run tries again what failed. Rejects for infrastructure failures and at a stop. */
export async function runScheduled(source: string, settings: SourceConfiguration, parts: ScheduledParts): Promise<void> {
  const { reconcile: schedule } = settings;
  for (const name of schedule?.from ?? []) {
    try {
      const period = await nextPeriod(parts.dataSource, source, name, toMs(schedule?.overlap ?? 0), new Date());
      const run = await withRoad(name, source, settings, parts, (road) =>
        reconcile({ source, settings, road, period, dryRun: false, scheduled: true }, parts),
      );
      if (run === null) parts.log.info({ source, road: name }, 'another run of this source is at work');
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      parts.log.error({ source, road: name, err: error.message }, 'could not reconcile');
    }
  }
}

/** That of a run that was cut off, if there is one. */
async function nextPeriod(
  dataSource: DataSource,
  source: string,
  road: 'pull' | 'export',
  overlapMs: number,
  now: Date,
): Promise<{ from: Date; to: Date }> {
  const unfinished = await findUnfinished(dataSource, source, road);
  if (unfinished?.scheduled === true && unfinished.periodFrom !== null && unfinished.periodTo !== null)
    return { from: unfinished.periodFrom, to: unfinished.periodTo };
  const to = new Date(Math.floor((now.getTime() - settledMs) / 1_000) * 1_000);
  const cursor = (await readCursor(dataSource, source, road)) ?? to;
  const from = Math.min(cursor.getTime(), to.getTime()) - overlapMs;
  return { from: new Date(Math.max(from, to.getTime() - Math.max(mostBackMs, overlapMs))), to };
}
