/** Puts a mended element through the same door as every batch, and closes its quarantine row in the same transaction. */
import { messageOf, type Configuration } from '@vidhuk/shared';
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Activity, RejectionReason } from '../activity/activity.js';
import { parseBatch } from '../activity/parse-batch.js';
import { parseContextOf } from '../activity/parse-context.js';
import type { RejectedActivity } from '../db/entities/rejected-activity.js';
import { failureKind } from '../db/failure.js';
import type { PartitionsOnDemand } from '../db/partitions.js';
import { throughConflicts } from '../db/through-conflicts.js';
import { applyBatches } from '../projection/apply-batches.js';
import type { Batch, BatchOutcome } from '../projection/batch.js';
import type { FollowUpPlanner } from '../projection/follow-up-planner.js';
import type { Tombstones } from '../projection/tombstones.js';

export type Resubmission =
  | { landed: true; outcome: BatchOutcome; activities: readonly Activity[] }
  /** Nothing was changed. */
  | { landed: false; faults: readonly Fault[] };

interface Fault {
  reason: RejectionReason | 'not-mended' | 'empty' | 'resolved-meanwhile';
  /** In words. */
  detail: string;
}

export interface ResubmitParts {
  dataSource: DataSource;
  partitions: PartitionsOnDemand;
  sources: Configuration['sources'];
  planner: FollowUpPlanner;
  /** Of whom nothing is kept; needed where somebody was erased. */
  tombstones?: Tombstones;
}

/** `text` is the element as it shall be now; it may be an array of several. Rejects for infrastructure failures only; then nothing was changed. */
export async function resubmit(
  { id: rejectionId, source }: Pick<RejectedActivity, 'id' | 'source'>,
  text: string,
  parts: ResubmitParts,
): Promise<Resubmission> {
  const body = Buffer.from(text);
  const receivedAt = new Date();
  const parsed = parseBatch(body, parseContextOf(parts.sources, source, receivedAt.getTime()));
  if (parsed.rejections.length > 0) return { landed: false, faults: parsed.rejections.map(toFault) };
  if (parsed.activities.length === 0)
    return { landed: false, faults: [{ reason: 'empty', detail: 'there is no activity in it: discard it instead' }] };
  const id = uuidv7({ msecs: receivedAt.getTime() });
  const batch: Batch = { id, source, origin: 'quarantine', receivedAt, body, ...parsed };
  try {
    const outcome = await throughConflicts(() => apply(batch, rejectionId, parts));
    return { landed: true, outcome, activities: parsed.activities };
  } catch (error) {
    if (error instanceof ResolvedMeanwhile)
      return { landed: false, faults: [{ reason: 'resolved-meanwhile', detail: error.message }] };
    if (failureKind(error) !== 'data') throw error;
    return { landed: false, faults: [{ reason: 'refused-by-database', detail: messageOf(error) }] };
  }
}

const toFault = ({ reason, detail }: Fault): Fault => ({ reason, detail });

async function apply(
  batch: Batch,
  rejectionId: number,
  { dataSource, partitions, planner, tombstones }: ResubmitParts,
): Promise<BatchOutcome> {
  await partitions.ensure('batch', [batch.receivedAt.getTime()]);
  await partitions.ensure(
    'activity',
    batch.activities.map(({ occurredAt }) => occurredAt),
  );
  const [outcome] = await applyBatches(dataSource, [batch], (client) => close(client, rejectionId), planner, tombstones);
  if (outcome === undefined) throw new Error('a batch was applied without an outcome');
  return outcome;
}

/** Of two who mend one element differently at the same time, the second waits here for the first, and is refused. */
async function close(client: ClientBase, id: number): Promise<void> {
  const { rowCount } = await client.query(
    `update vidhuk.rejected_activity set resolved_at = now(), resolution = 'resubmitted' where id = $1 and resolved_at is null`,
    [id],
  );
  if (rowCount !== 1) throw new ResolvedMeanwhile('somebody else has resubmitted or discarded it meanwhile');
}

class ResolvedMeanwhile extends Error {}
