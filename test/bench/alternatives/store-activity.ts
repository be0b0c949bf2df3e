/**
 * One event in one round trip. It is a function of the database because a contact's flags follow from all of its channels: they may only be read
 * under the contact's lock, and a single statement would read them as they were before it waited for the lock.
 */
import pg, { type Pool } from 'pg';
import { changesSomething, mergeAssignments, type DatedColumn } from '../../../packages/worker/src/projection/sql/merge.js';
import { movedColumns, timeColumns } from '../../../packages/worker/src/projection/rules.js';
import type { WebhookEvent } from './alternative.js';
import { readActivity } from './read-activity.js';

const reason: DatedColumn = { column: 'blacklist_reason', at: 'blacklisted_at', empty: `''` };
const ofContact: readonly DatedColumn[] = [
  { column: 'email', at: 'email_at', empty: `''` },
  { column: 'phone', at: 'phone_at', empty: `''` },
  { column: 'external_customer_id', at: 'external_customer_id_at', empty: `''` },
  { column: 'subscriptions', at: 'subscriptions_at', empty: `'{}'` },
  reason,
];
const ofChannel: readonly DatedColumn[] = [{ column: 'address', at: 'address_at', empty: `''` }, reason];

const timeIf = (condition: string): string => `case when ${condition} then a.occurred_at end`;
const sharedValues = [
  `case when 'blacklisted_at' = any(moved) then a.status_description end`,
  ...timeColumns.map((column) => timeIf(`'${column}' = any(moved)`)),
  'a.occurred_at',
].join(',\n      ');
const sharedColumns = ['blacklist_reason', ...timeColumns, 'first_activity_at'].join(', ');

/** `moved`: the columns that the activity moves to its time. */
export const storeActivityFunction = `
  create function store_activity(
    a activity, mail text, phone_number text, customer_id text, categories text[], channel_address text, moved text[]
  ) returns void language plpgsql as $$
  begin
    insert into activity select a.* on conflict (activity_key) do nothing;
    if not found or a.contact_id is null then return; end if;

    insert into contact_status as t
      (source, contact_id, email, email_at, phone, phone_at, external_customer_id, external_customer_id_at, subscriptions, subscriptions_at,
       ${sharedColumns})
    values (a.source, a.contact_id, mail, ${timeIf('mail is not null')}, phone_number, ${timeIf('phone_number is not null')},
      customer_id, ${timeIf('customer_id is not null')}, categories, ${timeIf('categories is not null')},
      ${sharedValues})
    on conflict (source, contact_id) do update set
      ${mergeAssignments(ofContact)}
    where ${changesSomething(ofContact)};

    insert into contact_channel_status as t (source, contact_id, media_type, address, address_at, ${sharedColumns})
    values (a.source, a.contact_id, a.media_type, channel_address, ${timeIf('channel_address is not null')},
      ${sharedValues})
    on conflict (source, contact_id, media_type) do update set
      ${mergeAssignments(ofChannel)}
    where ${changesSomething(ofChannel)};

    if not moved && '{last_delivered_at, blacklisted_at, unsubscribed_at, resubscribed_at}' then return; end if;
    update contact_status as contact set blacklisted = flags.blacklisted, unsubscribed = flags.unsubscribed, updated_at = now()
    from (
      select bool_or(channel.blacklisted) as blacklisted, bool_or(channel.unsubscribed) as unsubscribed
      from contact_channel_status as channel where channel.source = a.source and channel.contact_id = a.contact_id
    ) as flags
    where contact.source = a.source and contact.contact_id = a.contact_id
      and (contact.blacklisted, contact.unsubscribed) is distinct from (flags.blacklisted, flags.unsubscribed);
  end $$`;

const call = `
  select store_activity(row($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)::activity, $16, $17, $18, $19, $20, $21)`;

/** Logs one event, unless it is there, and moves its contact's status; prepared once per connection. */
export async function storeActivity(pool: Pool, event: WebhookEvent): Promise<void> {
  const a = readActivity(event);
  const values = [
    ...[a.key, new Date(a.occurredAt).toISOString(), a.contactId, a.messageId, a.messageInstanceId, a.broadcastId, a.workflowId],
    ...[a.hardBounce, a.source, a.status, a.mediaType, a.iid, a.statusDescription, a.clickEventLink, JSON.stringify(event)],
    ...[a.email, a.phone, a.externalCustomerId, a.subscriptions, a.address, movedColumns(a)],
  ];
  await pool.query({ name: 'store-activity', text: call, values });
}

/** A pool that is connected: as many events at once as it has connections. */
export async function openPool(databaseUrl: string, connections: number): Promise<Pool> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: connections, idleTimeoutMillis: 0 });
  const clients = await Promise.all(Array.from({ length: connections }, () => pool.connect()));
  for (const client of clients) client.release();
  return pool;
}
