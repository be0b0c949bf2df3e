/** Rows of the log, as far as statuses follow from them. */
import type { ClientBase } from 'pg';
import type { Activity } from '../../activity/activity.js';
import { tidsOf } from './retention-step.js';

export type LoggedRow = Pick<
  Activity,
  'key' | 'source' | 'status' | 'mediaType' | 'hardBounce' | 'statusDescription' | 'subscriptions'
> & { contactId: number; occurredAt: Date; batchId: string };

const columns = `activity_key as key, source, contact_id as "contactId", occurred_at as "occurredAt", status, media_type as "mediaType",
  hard_bounce as "hardBounce", status_description as "statusDescription", subscriptions, batch_id as "batchId"`;

type AsRead = Omit<LoggedRow, 'contactId'> & { contactId: string };
const readable = (rows: AsRead[]): LoggedRow[] => rows.map((row) => ({ ...row, contactId: Number(row.contactId) }));

/** Those of a contact. */
export async function readContactRows(client: ClientBase, source: string, contactId: number): Promise<LoggedRow[]> {
  const sql = `select ${columns} from vidhuk.activity where source = $1 and contact_id = $2`;
  return readable((await client.query<AsRead>(sql, [source, contactId])).rows);
}

/** Those of contacts in one step of the physical table `leaf` (with its schema) that happened before `before`. */
export async function readStepRows(client: ClientBase, leaf: string, step: number, before: Date | null): Promise<LoggedRow[]> {
  const sql = `select ${columns} from ${leaf}
    where ctid >= $1::tid and ctid < $2::tid and contact_id is not null and ($3::timestamptz is null or occurred_at < $3)`;
  return readable((await client.query<AsRead>(sql, [...tidsOf(step), before?.toISOString() ?? null])).rows);
}

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

/** Without names and addresses, which bodies have. */
export const activityOf = ({ batchId: _, occurredAt, ...row }: LoggedRow): Activity => ({
  ...nothing,
  ...row,
  occurredAt: occurredAt.getTime(),
});
