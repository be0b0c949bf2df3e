/** Historic activities call no action unasked: a backfill, or an element that was mended a year later. */
import { toMs } from '@vidhuk/shared';
import type { Activity } from '../activity/activity.js';
import type { Batch } from '../projection/batch.js';
import type { Condition } from './match.js';

/** Of activities that did not come by webhook, where an action does not say otherwise. What comes by webhook is news however old it is. */
const usualMaxAgeMs = toMs('7d');

/** Whether the activity had happened so long before its batch was received that it is not planned. */
export function isTooOld(
  { maxAgeMs }: Pick<Condition, 'maxAgeMs'>,
  { occurredAt }: Pick<Activity, 'occurredAt'>,
  { origin, receivedAt }: Pick<Batch, 'origin' | 'receivedAt'>,
): boolean {
  const limit = maxAgeMs ?? (origin === 'webhook' ? Infinity : usualMaxAgeMs);
  return receivedAt.getTime() - occurredAt > limit;
}
