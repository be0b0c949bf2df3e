import type { ClientBase } from 'pg';
import type { Activity } from '../../activity/activity.js';

export interface RefusedFollowUp {
  id: string;
  action: string;
  /** Of a request its id, its receipt, and as status its hook. */
  activity: Pick<Activity, 'key' | 'source' | 'occurredAt' | 'contactId' | 'status'>;
  /** What the database said. */
  reason: string;
}

/** Of the activity as little as tells which one it is: something in the rest is what the database refused. */
const sql = `
  insert into vidhuk.follow_up (id, action, source, activity_key, occurred_at, contact_id, state, last_error, done_at, activity)
  select id, action, source, activity_key, occurred_at, contact_id, 'failed', 'could not be planned: ' || reason, now(),
    jsonb_build_object('key', activity_key, 'source', source, 'status', status, 'occurredAt', occurred_at)
  from json_to_recordset($1) as r(id uuid, action text, source text, activity_key uuid, occurred_at timestamptz, contact_id bigint, status text, reason text)
  on conflict (id) do nothing`;

/** Records what the database refused to plan as failed, so that somebody sees it. */
export async function insertRefusedFollowUps(client: ClientBase, refused: readonly RefusedFollowUp[]): Promise<void> {
  const records = refused.map(({ id, action, activity, reason }) => ({
    id,
    action,
    source: activity.source,
    activity_key: activity.key,
    occurred_at: new Date(activity.occurredAt).toISOString(),
    contact_id: activity.contactId,
    status: activity.status,
    reason,
  }));
  await client.query(sql, [JSON.stringify(records)]);
}
