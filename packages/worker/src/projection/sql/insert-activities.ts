import type { ClientBase } from 'pg';
import type { Activity } from '../../activity/activity.js';
import type { Batch } from '../batch.js';
import { identityVersion } from '../../activity/identity.js';
import {
  bigintColumn,
  booleanColumn,
  integerColumn,
  RowArray,
  textColumn,
  textsColumn,
  timeColumn,
  uuidColumn,
  type EncodedRows,
} from '../../db/rows/row-array.js';

/** An activity, and the batch that has brought it first. */
export interface BroughtActivity {
  batch: Pick<Batch, 'id' | 'origin' | 'receivedAt'>;
  activity: Activity;
}

export const activityRows = new RowArray<BroughtActivity>('vidhuk.activity_input', [
  timeColumn('occurred_at', ({ activity }) => activity.occurredAt),
  uuidColumn('activity_key', ({ activity }) => activity.key),
  uuidColumn('batch_id', ({ batch }) => batch.id),
  bigintColumn('contact_id', ({ activity }) => activity.contactId),
  bigintColumn('message_id', ({ activity }) => activity.messageId),
  bigintColumn('message_instance_id', ({ activity }) => activity.messageInstanceId),
  bigintColumn('broadcast_id', ({ activity }) => activity.broadcastId),
  bigintColumn('workflow_id', ({ activity }) => activity.workflowId),
  integerColumn('position', ({ activity }) => activity.position),
  booleanColumn('hard_bounce', ({ activity }) => activity.hardBounce),
  textColumn('source', ({ activity }) => activity.source),
  textColumn('status', ({ activity }) => activity.status),
  textColumn('media_type', ({ activity }) => activity.mediaType),
  textColumn('iid', ({ activity }) => activity.iid),
  textColumn('status_description', ({ activity }) => activity.statusDescription),
  textColumn('click_event_link', ({ activity }) => activity.clickEventLink),
  textsColumn('subscriptions', ({ activity }) => activity.subscriptions),
]);

/** Where a duplicate is dropped. In key order, so that two transactions with the same activities wait for each other instead of deadlocking. */
const sql = `
  insert into vidhuk.activity (${activityRows.names}, identity_version)
  select ${activityRows.names}, ${identityVersion} from ${activityRows.unnested}
  order by occurred_at, activity_key
  on conflict (occurred_at, activity_key) do nothing
  returning activity_key`;

/** Logs `activities`, each key once, with the batch that brings it; gives the keys that were new. */
export async function insertActivities(client: ClientBase, activities: EncodedRows<BroughtActivity>): Promise<string[]> {
  const values = [activityRows.parameter(client, activities)];
  const { rows } = await client.query<[string]>({ name: 'insert-activities', text: sql, values, rowMode: 'array' });
  return rows.map(([key]) => key);
}
