/** Everything that one contact's rows follow from. */
import type { ClientBase } from 'pg';
import type { Activity } from '../../activity/activity.js';

interface Key {
  source: string;
  contactId: number;
}

/** A row of a projection by column names, as JSON has it. */
export interface StatusRow {
  /** `contact`, or the media type. */
  scope: string;
  row: Record<string, unknown>;
}

/** The contact's rows, which are locked by it. */
export async function readStatusRows(client: ClientBase, { source, contactId }: Key): Promise<StatusRow[]> {
  const contact = await client.query<StatusRow>(
    `select 'contact' as scope, to_jsonb(c) as row from vidhuk.contact_status c where source = $1 and contact_id = $2 for update`,
    [source, contactId],
  );
  const channels = await client.query<StatusRow>(
    `select media_type as scope, to_jsonb(c) as row from vidhuk.contact_channel_status c
     where source = $1 and contact_id = $2 order by media_type for update`,
    [source, contactId],
  );
  return [...contact.rows, ...channels.rows];
}

export async function removeStatusRows(client: ClientBase, { source, contactId }: Key): Promise<void> {
  await client.query('delete from vidhuk.contact_channel_status where source = $1 and contact_id = $2', [source, contactId]);
  await client.query('delete from vidhuk.contact_status where source = $1 and contact_id = $2', [source, contactId]);
}

type LoggedRow = Pick<Activity, 'key' | 'status' | 'mediaType' | 'hardBounce' | 'statusDescription' | 'subscriptions'> & {
  occurredAt: Date;
  batchId: string;
};

const nothing = {
  position: 0,
  iid: null,
  address: null,
  email: null,
  phone: null,
  externalCustomerId: null,
  messageId: null,
  messageInstanceId: null,
  messageName: null,
  messageTags: [],
  broadcastId: null,
  workflowId: null,
  workflowInstanceId: null,
  clickEventLink: null,
};

/** Its activities as the log has them, and the bodies that brought them first; `gone`: how many of those are not kept any more. */
export async function readContactHistory(
  client: ClientBase,
  { source, contactId }: Key,
): Promise<{ logged: Activity[]; bodies: { body: Buffer; receivedAt: Date }[]; gone: number }> {
  const { rows } = await client.query<LoggedRow>(
    `select activity_key as key, occurred_at as "occurredAt", status, media_type as "mediaType", hard_bounce as "hardBounce",
       status_description as "statusDescription", subscriptions, batch_id as "batchId"
     from vidhuk.activity where source = $1 and contact_id = $2`,
    [source, contactId],
  );
  const bodies = await client.query<{ body: Buffer; receivedAt: Date }>(
    'select body, received_at as "receivedAt" from vidhuk.batch where id = any($1::uuid[]) and body is not null',
    [[...new Set(rows.map(({ batchId }) => batchId))]],
  );
  const logged = rows.map(({ batchId: _, occurredAt, ...row }) => ({
    ...nothing,
    ...row,
    source,
    contactId,
    occurredAt: occurredAt.getTime(),
  }));
  const brought = new Set(rows.map(({ batchId }) => batchId)).size;
  return { logged, bodies: bodies.rows, gone: brought - bodies.rows.length };
}
