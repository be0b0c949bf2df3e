/** Before a month goes: what its activities have left in the statuses, into the floors. Floors are maxima, so this may be done again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { ReadingRules } from '../activity/parse-context.js';
import { inTransaction } from '../db/transaction.js';
import { foldActivities } from '../projection/fold.js';
import { readBounds } from '../projection/sql/tombstones.js';
import { floorsLock, upsertFloors } from '../projection/sql/upsert-floors.js';
import { readStepRows } from './sql/logged-rows.js';
import { partitionsOf } from './sql/partitions-of.js';
import { pagesOfStep } from './sql/retention-step.js';
import { toldActivities } from './told-activities.js';

export interface FloorParts {
  dataSource: DataSource;
  sources: ReadingRules;
}

/** ms between two steps, in which others have the disk. */
const pauseMs = 10;

/** Of the physical table `leaf` of the log, as far as it is before `horizon`. Gives how many activities that were; undefined: `signal` was aborted before the end. */
export async function takeFloors(
  { dataSource, sources }: FloorParts,
  leaf: string,
  horizon: Date,
  signal: AbortSignal,
): Promise<number | undefined> {
  let taken = 0;
  for (let step = 0, last = await stepsOf(dataSource, leaf); step < last; step++) {
    if (signal.aborted) return undefined;
    taken += await inTransaction(dataSource, async (client) => {
      // An erasure empties log and bodies, and then waits for this lock before it empties the floors.
      await client.query(`select pg_advisory_xact_lock_shared(${floorsLock})`);
      const rows = await readStepRows(client, `vidhuk.${leaf}`, step, horizon);
      await upsertFloors(client, foldActivities(await toldActivities(client, rows, sources)));
      return rows.length;
    });
    await sleep(pauseMs);
  }
  return taken;
}

/**
 * Of all that the log still has from before its horizon, as a retention leaves it that was cut off between moving that and taking these. Called while
 * no retention is at work; rejects when `signal` aborts.
 */
export async function completeFloors(parts: FloorParts, signal: AbortSignal): Promise<void> {
  const { horizon } = await inTransaction(parts.dataSource, readBounds);
  if (horizon === null) return;
  for (const { name, month } of await partitionsOf(parts.dataSource, 'activity')) {
    if (month !== null && month.from.getTime() >= horizon) continue;
    await takeFloors(parts, name, new Date(horizon), signal);
    signal.throwIfAborted();
  }
}

async function stepsOf(dataSource: DataSource, leaf: string, schema = 'vidhuk'): Promise<number> {
  const [row] = await dataSource.query<{ pages: number }[]>(
    `select (pg_relation_size($1::regclass) / current_setting('block_size')::integer)::float8 as pages`,
    [`${schema}.${leaf}`],
  );
  return Math.ceil((row?.pages ?? 0) / pagesOfStep);
}
