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
  textColumn('workflow_instance_id', ({ activity }) => activity.workflowInstanceId),
  textColumn('status_description', ({ activity }) => activity.statusDescription),
  textColumn('click_event_link', ({ activity }) => activity.clickEventLink),
  textsColumn('subscriptions', ({ activity }) => activity.subscriptions),
]);

const largest = ['contact_id', 'message_id', 'message_instance_id', 'broadcast_id', 'workflow_id', 'subscriptions'];
const longest = ['media_type', 'workflow_instance_id', 'status_description', 'click_event_link'];

/** In bytes; of the same length the greater one. `greatest` leaves nulls out. */
const longer = (column: string): string => `case
    when excluded.${column} is null or octet_length(a.${column}) > octet_length(excluded.${column}) then a.${column}
    when a.${column} is null or octet_length(a.${column}) < octet_length(excluded.${column}) then excluded.${column}
    else greatest(a.${column} collate "C", excluded.${column} collate "C") end`;

/** What all roads together told, as `uniteActivities` in `projection/unite-activities.ts`. */
const united = [
  ['hard_bounce', 'a.hard_bounce or excluded.hard_bounce'],
  ...largest.map((column) => [column, `greatest(a.${column}, excluded.${column})`]),
  ...longest.map((column) => [column, longer(column)]),
] as const;
const columns = united.map(([column]) => column);
const expressions = united.map(([, expression]) => expression).join(', ');

const insert = `
  insert into vidhuk.activity as a (${activityRows.names}, identity_version)
  select ${activityRows.names}, ${identityVersion} from ${activityRows.unnested}
  order by occurred_at, activity_key
  on conflict (occurred_at, activity_key)`;
const differs = `(${columns.map((column) => `a.${column}`).join(', ')}) is distinct from (${expressions})`;

const together = (written: string): string => `
  with written as (${written} returning activity_key, batch_id)
  select coalesce(string_agg(activity_key::text, ''), '') as keys, coalesce(string_agg(batch_id::text, ''), '') as batches from written`;

/**
 * Where a duplicate is dropped: it only adds what it says beyond what the log was told before, and nearly always that is nothing. In key order, so
 * that two transactions with the same activities wait for each other instead of deadlocking. One row comes back instead of one for each activity,
 * with which Node would have more to do than with writing them.
 */
const sql = together(`${insert} do update set (${columns.join(', ')}) = row(${expressions}) where ${differs}`);
const name = 'log-activities';

/** The same for batches that are projected again in any order: of those that bring an activity the earliest has brought it, as it was when they came. What was new is not told: nobody plans by it. */
export const logEarliest = {
  insteadOf: name,
  name: 'log-earliest',
  text: `${insert} do update set (${columns.join(', ')}, batch_id, position) =
      row(${expressions}, least(a.batch_id, excluded.batch_id), case when excluded.batch_id < a.batch_id then excluded.position else a.position end)
    where ${differs} or excluded.batch_id < a.batch_id`,
};

const uuidLength = 36;

/**
 * Logs `activities`, each key once, with the batch that brings it. Adds to `bringers` those that were new, or of which the log knows more now: by key
 * the id of the batch that has brought the activity first.
 */
export async function logActivities(
  client: ClientBase,
  activities: EncodedRows<BroughtActivity>,
  bringers: Map<string, string>,
): Promise<void> {
  const values = [activityRows.parameter(client, activities)];
  const { rows } = await client.query<{ keys: string; batches: string }>({ name, text: sql, values });
  for (const { keys, batches } of rows)
    for (let at = 0; at < keys.length; at += uuidLength)
      bringers.set(keys.slice(at, at + uuidLength), batches.slice(at, at + uuidLength));
}
