import type { ClientBase } from 'pg';
import type { Activity } from '../../activity/activity.js';

/** Where a duplicate is dropped. In key order, so that two transactions with the same activities wait for each other instead of deadlocking. */
const sql = `
  insert into vidhuk.activity
    (occurred_at, activity_key, batch_id, contact_id, message_id, message_instance_id, broadcast_id, workflow_id, position, hard_bounce,
     source, status, media_type, iid, status_description, click_event_link)
  select occurred_at, activity_key, batch_id, contact_id, message_id, message_instance_id, broadcast_id, workflow_id, position, hard_bounce,
     source, status, media_type, iid, status_description, click_event_link
  from json_to_recordset($1) as r(
    occurred_at timestamptz, activity_key uuid, batch_id uuid, contact_id bigint, message_id bigint, message_instance_id bigint, broadcast_id bigint,
    workflow_id bigint, position integer, hard_bounce boolean, source text, status text, media_type text, iid text, status_description text,
    click_event_link text)
  order by occurred_at, activity_key
  on conflict (occurred_at, activity_key) do nothing
  returning activity_key`;

/** Logs `activities`, each key once, with the batch that brings it; gives the keys that were new. */
export async function insertActivities(
  client: ClientBase,
  activities: readonly { batchId: string; activity: Activity }[],
): Promise<string[]> {
  const records = activities.map(({ batchId, activity }) => ({
    occurred_at: new Date(activity.occurredAt).toISOString(),
    activity_key: activity.key,
    batch_id: batchId,
    contact_id: activity.contactId,
    message_id: activity.messageId,
    message_instance_id: activity.messageInstanceId,
    broadcast_id: activity.broadcastId,
    workflow_id: activity.workflowId,
    position: activity.position,
    hard_bounce: activity.hardBounce,
    source: activity.source,
    status: activity.status,
    media_type: activity.mediaType,
    iid: activity.iid,
    status_description: activity.statusDescription,
    click_event_link: activity.clickEventLink,
  }));
  const { rows } = await client.query<{ activity_key: string }>({
    name: 'insert-activities',
    text: sql,
    values: [JSON.stringify(records)],
  });
  return rows.map((row) => row.activity_key);
}
