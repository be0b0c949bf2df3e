/** Puts a mended element through the same door as every batch, and closes its quarantine row in the same transaction. */
import type { Configuration } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Activity, Rejection } from '../activity/activity.js';
import { parseBatch } from '../activity/parse-batch.js';
import type { RejectedActivity } from '../db/entities/rejected-activity.js';
import { PartitionsOnDemand } from '../db/partitions.js';
import type { Planner } from '../follow-up/planner.js';
import { applyBatches, type BatchOutcome } from '../projection/apply-batches.js';

export type Resubmission =
  | { landed: true; outcome: BatchOutcome; activities: readonly Activity[] }
  /** Still broken: nothing was changed. */
  | { landed: false; rejections: readonly Rejection[] };

export interface ResubmitParts {
  dataSource: DataSource;
  sources: Configuration['sources'];
  planner: Planner;
}

/** `text` is the element as it shall be now; it may be an array of several. Rejects with the database's error; then nothing was changed. */
export async function resubmit(
  row: RejectedActivity,
  text: string,
  { dataSource, sources, planner }: ResubmitParts,
): Promise<Resubmission> {
  const body = Buffer.from(text);
  const { source } = row;
  const parsed = parseBatch(body, { source, timeZone: sources[source]?.timeZone ?? 'UTC' });
  if (parsed.rejections.length > 0) return { landed: false, rejections: parsed.rejections };
  const receivedAt = new Date();
  const partitions = new PartitionsOnDemand(dataSource);
  await partitions.ensure('batch', [receivedAt.getTime()]);
  await partitions.ensure(
    'activity',
    parsed.activities.map(({ occurredAt }) => occurredAt),
  );
  const [outcome = { new: 0, duplicate: 0, rejected: 0 }] = await applyBatches(
    dataSource,
    [{ id: uuidv7({ msecs: receivedAt.getTime() }), source, receivedAt, body, ...parsed }],
    async (client) => {
      await client.query(`update vidhuk.rejected_activity set resolved_at = now(), resolution = 'resubmitted' where id = $1`, [
        row.id,
      ]);
    },
    planner,
  );
  return { landed: true, outcome, activities: parsed.activities };
}
