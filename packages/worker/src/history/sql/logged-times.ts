/** When activities happened, as the log has it. */
import type { ClientBase } from 'pg';
import type { Activity } from '../../activity/activity.js';

/** Which activities are the same does not hang on the time zone of their source, so the log may have another time than this configuration reads; it is never further off than two time zones are. */
const sql = `
  select told.key, a.occurred_at as "occurredAt"
  from unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) as told(key, contact_id, at)
  cross join lateral (
    select occurred_at from vidhuk.activity
    where contact_id = told.contact_id and activity_key = told.key and occurred_at between told.at - interval '26 hours' and told.at + interval '26 hours'
    order by occurred_at <> told.at, occurred_at limit 1
  ) as a`;

/** The same activities, at the times of the log; those that it does not have stay as they are. */
export async function atLoggedTimes(client: ClientBase, activities: readonly Activity[]): Promise<Activity[]> {
  const ofContacts = activities.filter(({ contactId }) => contactId !== null);
  const { rows } = await client.query<{ key: string; occurredAt: Date }>(sql, [
    ofContacts.map(({ key }) => key),
    ofContacts.map(({ contactId }) => contactId),
    ofContacts.map(({ occurredAt }) => new Date(occurredAt).toISOString()),
  ]);
  const times = new Map(rows.map(({ key, occurredAt }) => [key, occurredAt.getTime()]));
  return activities.map((activity) => ({ ...activity, occurredAt: times.get(activity.key) ?? activity.occurredAt }));
}
