import type { DataSource } from 'typeorm';
import type { LoggedActivity } from '../../db/entities/logged-activity.js';

/**
 * What the messages of these activities were called, as their bodies say, by activity key; an activity without a name, or whose body is gone, has
 * none. By the view that support may read too. Each body is read and parsed as a whole, so ask for those only that are shown.
 */
export async function readMessageNames(
  dataSource: DataSource,
  activities: readonly LoggedActivity[],
): Promise<Map<string, string>> {
  const rows = await dataSource.query<{ key: string; raw: string | null }[]>(
    `select activity_key as key, raw::text as raw
     from unnest($1::timestamptz[], $2::uuid[]) as wanted(occurred_at, activity_key) join vidhuk.activity_raw using (occurred_at, activity_key)`,
    [activities.map((a) => a.occurredAt), activities.map((a) => a.activityKey)],
  );
  return new Map(
    rows.flatMap(({ key, raw }): [string, string][] => {
      const name = raw === null ? undefined : (JSON.parse(raw) as { messageName?: unknown }).messageName;
      return typeof name === 'string' && name !== '' ? [[key, name]] : [];
    }),
  );
}
