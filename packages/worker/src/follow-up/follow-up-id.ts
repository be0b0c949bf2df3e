import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Activity } from '../activity/activity.js';

/**
 * The id of what `action` has to do for `activity`: a UUID (version 7) of the activity's time and 74 bits of a SHA-256, so that one activity has one
 * id per action whoever plans it and whenever. The ledger needs no second unique index for that: with one, recording a result took 1.7 times as long.
 * Times before 1970 count as 1970.
 */
export function followUpId(action: string, { key, occurredAt }: Pick<Activity, 'key' | 'occurredAt'>): string {
  const random = createHash('sha256').update(`${key} ${action}`).digest();
  return uuidv7({ msecs: Math.max(0, occurredAt), random });
}
