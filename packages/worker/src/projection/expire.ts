/** What happened before the horizon of the log: it still moves statuses, which are maxima, but is in no log, and nothing is planned for it. */
import type { Activity } from '../activity/activity.js';
import type { Batch } from './batch.js';

/** `horizon`: ms since 1970; null: the log goes back for ever. The very same batch where it has nothing so old. */
export function expire(batch: Batch, horizon: number | null): Batch {
  if (horizon === null) return batch;
  const isOld = ({ occurredAt }: Activity) => occurredAt < horizon;
  const expired = batch.activities.filter(isOld);
  const erased = batch.erased?.filter((activity) => !isOld(activity));
  if (expired.length === 0 && erased?.length === batch.erased?.length) return batch;
  const activities = expired.length === 0 ? batch.activities : batch.activities.filter((activity) => !isOld(activity));
  return { ...batch, activities, ...(erased === undefined ? {} : { erased }), ...(expired.length === 0 ? {} : { expired }) };
}
