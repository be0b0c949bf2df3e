import type { DataSource } from 'typeorm';
import type { Activity } from '../../activity/activity.js';

/** What the log keeps of an activity, in the types of an activity. */
export type LoggedFields = Pick<
  Activity,
  | 'key'
  | 'contactId'
  | 'messageId'
  | 'messageInstanceId'
  | 'broadcastId'
  | 'workflowId'
  | 'workflowInstanceId'
  | 'hardBounce'
  | 'mediaType'
  | 'statusDescription'
  | 'clickEventLink'
  | 'subscriptions'
>;

type Row = { [Field in keyof LoggedFields]: LoggedFields[Field] extends number | null ? string | null : LoggedFields[Field] };

const sql = `
  select a.activity_key as key, a.contact_id as "contactId", a.message_id as "messageId", a.message_instance_id as "messageInstanceId",
    a.broadcast_id as "broadcastId", a.workflow_id as "workflowId", a.workflow_instance_id as "workflowInstanceId", a.hard_bounce as "hardBounce", a.media_type as "mediaType",
    a.status_description as "statusDescription", a.click_event_link as "clickEventLink", a.subscriptions
  from unnest($1::timestamptz[], $2::uuid[]) as wanted(occurred_at, activity_key)
  join vidhuk.activity a using (occurred_at, activity_key)`;

const asNumber = (text: string | null): number | null => (text === null ? null : Number(text));

/** Those of `wanted` that the log has, by key. */
export async function findLogged(
  dataSource: DataSource,
  wanted: readonly Pick<Activity, 'key' | 'occurredAt'>[],
): Promise<Map<string, LoggedFields>> {
  const times = wanted.map(({ occurredAt }) => new Date(occurredAt).toISOString());
  const rows = await dataSource.query<Row[]>(sql, [times, wanted.map(({ key }) => key)]);
  return new Map(
    rows.map((row) => [
      row.key,
      {
        ...row,
        contactId: asNumber(row.contactId),
        messageId: asNumber(row.messageId),
        messageInstanceId: asNumber(row.messageInstanceId),
        broadcastId: asNumber(row.broadcastId),
        workflowId: asNumber(row.workflowId),
      },
    ]),
  );
}
