import type { ClientBase } from 'pg';
import type { Activity } from '../../activity/activity.js';
import { arraysOf, namesOf, plainColumn, selectFrom, textColumn, timeColumn, type Column } from './columns.js';

interface Row {
  batchId: string;
  activity: Activity;
}

const columns: readonly Column<Row>[] = [
  timeColumn('occurred_at', ({ activity }) => activity.occurredAt),
  plainColumn('activity_key', 'uuid', ({ activity }) => activity.key),
  plainColumn('batch_id', 'uuid', ({ batchId }) => batchId),
  plainColumn('contact_id', 'bigint', ({ activity }) => activity.contactId),
  plainColumn('message_id', 'bigint', ({ activity }) => activity.messageId),
  plainColumn('message_instance_id', 'bigint', ({ activity }) => activity.messageInstanceId),
  plainColumn('broadcast_id', 'bigint', ({ activity }) => activity.broadcastId),
  plainColumn('workflow_id', 'bigint', ({ activity }) => activity.workflowId),
  plainColumn('position', 'integer', ({ activity }) => activity.position),
  plainColumn('hard_bounce', 'boolean', ({ activity }) => activity.hardBounce),
  textColumn('source', ({ activity }) => activity.source),
  textColumn('status', ({ activity }) => activity.status),
  textColumn('media_type', ({ activity }) => activity.mediaType),
  textColumn('iid', ({ activity }) => activity.iid),
  textColumn('status_description', ({ activity }) => activity.statusDescription),
  textColumn('click_event_link', ({ activity }) => activity.clickEventLink),
];

/** Where a duplicate is dropped. In key order, so that two transactions with the same activities wait for each other instead of deadlocking. */
const sql = `
  insert into vidhuk.activity (${namesOf(columns)}) ${selectFrom(columns)}
  order by occurred_at, activity_key
  on conflict (occurred_at, activity_key) do nothing
  returning activity_key`;

/** Logs `activities`, each key once, with the batch that brings it; gives the keys that were new. */
export async function insertActivities(client: ClientBase, activities: readonly Row[]): Promise<string[]> {
  const values = arraysOf(columns, activities);
  const { rows } = await client.query<[string]>({ name: 'insert-activities', text: sql, values, rowMode: 'array' });
  return rows.map(([key]) => key);
}
