import type { DataSource } from 'typeorm';
import type { LoggedActivity } from '../../db/entities/logged-activity.js';

/**
 * What the messages of these activities were called, as their bodies say, by activity key; an activity without a name, or whose body is gone, has
 * none. Each body is read and parsed as a whole, so ask for those only that are shown.
 */
export async function readMessageNames(
  dataSource: DataSource,
  activities: readonly LoggedActivity[],
): Promise<Map<string, string>> {
  const rows = await dataSource.query<{ key: string; raw: string | null }[]>(
    `select a.activity_key as key, vidhuk.element_of(b.body, a.position)::text as raw
     from unnest($1::uuid[], $2::uuid[], $3::integer[]) as a(activity_key, batch_id, position) join vidhuk.batch b on b.id = a.batch_id`,
    [activities.map((a) => a.activityKey), activities.map((a) => a.batchId), activities.map((a) => a.position)],
  );
  return new Map(
    rows.flatMap(({ key, raw }): [string, string][] => {
      const name = raw === null ? undefined : (JSON.parse(raw) as { messageName?: unknown }).messageName;
      return typeof name === 'string' && name !== '' ? [[key, name]] : [];
    }),
  );
}
