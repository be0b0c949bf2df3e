import type { DataSource } from 'typeorm';
import type { Activity } from '../../activity/activity.js';
import { parseBatch } from '../../activity/parse-batch.js';
import type { LoggedActivity } from '../../db/entities/logged-activity.js';

/**
 * What the batch that brought each of these first had told of it, by activity key: names and addresses stand in the body only. Nothing where the body is
 * gone. Each body is read as a whole, so ask for few.
 */
export async function readElements(
  dataSource: DataSource,
  activities: readonly LoggedActivity[],
): Promise<Map<string, Activity>> {
  const rows = await dataSource.query<{ key: string; raw: string | null }[]>(
    `select activity_key as key, raw::text as raw
     from unnest($1::timestamptz[], $2::uuid[]) as wanted(occurred_at, activity_key) join vidhuk.activity_raw using (occurred_at, activity_key)`,
    [activities.map((a) => a.occurredAt), activities.map((a) => a.activityKey)],
  );
  const source = activities[0]?.source ?? '';
  return new Map(
    rows.flatMap(({ key, raw }): [string, Activity][] => {
      const [activity] = raw === null ? [] : parseBatch(Buffer.from(`[${raw}]`), { source, timeZone: 'UTC' }).activities;
      return activity === undefined ? [] : [[key, activity]];
    }),
  );
}
