/**
 * One event in one round trip. It is a function of the database because a contact's flags follow from all of its channels: they may only be read
 * under the contact's lock, and a single statement would read them as they were before it waited for the lock.
 */
import pg, { type Pool } from 'pg';
import { changesSomething, mergeAssignments, type DatedColumn } from '../../../packages/worker/src/projection/sql/merge.js';
import {
  channelTimeColumns,
  contactTimeColumns,
  isAboutContact,
  movedColumns,
} from '../../../packages/worker/src/projection/rules.js';
import type { WebhookEvent } from './alternative.js';
import { readActivity } from './read-activity.js';

const reason: DatedColumn = { column: 'blacklist_reason', at: 'blacklisted_at', empty: `''` };
const ofContact: readonly DatedColumn[] = [
  { column: 'email', at: 'email_at', empty: `''` },
  { column: 'phone', at: 'phone_at', empty: `''` },
  { column: 'external_customer_id', at: 'external_customer_id_at', empty: `''` },
  { column: 'subscriptions', at: 'subscriptions_at', empty: `'{}'` },
];
const ofChannel: readonly DatedColumn[] = [{ column: 'address', at: 'address_at', empty: `''` }, reason];

const timeIf = (condition: string): string => `case when ${condition} then a.occurred_at end`;
const valuesOf = (times: readonly string[]) =>
  [...times.map((column) => timeIf(`'${column}' = any(moved)`)), 'a.occurred_at'].join(',\n      ');
const namesOf = (times: readonly string[]) => [...times, 'first_activity_at'].join(', ');

/** `moved`: the columns that the activity moves to its time. */
export const storeActivityFunction = `
  create function store_activity(
    a activity, mail text, phone_number text, customer_id text, categories text[], channel_address text, moved text[], about_contact boolean
  ) returns void language plpgsql as $$
  begin
    insert into activity select a.* on conflict (activity_key) do nothing;
    if not found or a.contact_id is null then return; end if;

    insert into contact_status as t
      (source, contact_id, email, email_at, phone, phone_at, external_customer_id, external_customer_id_at, subscriptions, subscriptions_at,
       ${namesOf(contactTimeColumns)})
    values (a.source, a.contact_id, mail, ${timeIf('mail is not null')}, phone_number, ${timeIf('phone_number is not null')},
      customer_id, ${timeIf('customer_id is not null')}, categories, ${timeIf('categories is not null')},
      ${valuesOf(contactTimeColumns)})
    on conflict (source, contact_id) do update set
      ${mergeAssignments(contactTimeColumns, ofContact)}
    where ${changesSomething(contactTimeColumns, ofContact)};

    if a.media_type is not null and not about_contact then
      insert into contact_channel_status as t
        (source, contact_id, media_type, address, address_at, blacklist_reason, ${namesOf(channelTimeColumns)})
      values (a.source, a.contact_id, a.media_type, channel_address, ${timeIf('channel_address is not null')},
        case when 'blacklisted_at' = any(moved) then a.status_description end,
        ${valuesOf(channelTimeColumns)})
      on conflict (source, contact_id, media_type) do update set
        ${mergeAssignments(channelTimeColumns, ofChannel)}
      where ${changesSomething(channelTimeColumns, ofChannel)};
    end if;

    update contact_channel_status as channel set unsubscribed = decided.unsubscribed
    from (
      select c.media_type, coalesce(contact.opted_out_at >= coalesce(contact.resubscribed_at, '-infinity'), false)
        or coalesce(c.unsubscribed_at >= coalesce(contact.resubscribed_at, '-infinity'), false) or c.spam_reported_at is not null as unsubscribed
      from contact_status as contact join contact_channel_status as c using (source, contact_id)
      where contact.source = a.source and contact.contact_id = a.contact_id
    ) as decided
    where channel.source = a.source and channel.contact_id = a.contact_id and channel.media_type = decided.media_type
      and channel.unsubscribed <> decided.unsubscribed;
    update contact_status as contact
    set blacklisted = flags.blacklisted, reachable = flags.reachable,
      unsubscribed = flags.unsubscribed or coalesce(contact.opted_out_at >= coalesce(contact.resubscribed_at, '-infinity'), false)
    from (
      select coalesce(bool_or(channel.blacklisted), false) as blacklisted, coalesce(bool_or(channel.unsubscribed), false) as unsubscribed,
        coalesce(array_agg(channel.media_type order by channel.media_type) filter (where channel.may_write), '{}') as reachable
      from contact_channel_status as channel where channel.source = a.source and channel.contact_id = a.contact_id
    ) as flags
    where contact.source = a.source and contact.contact_id = a.contact_id
      and (contact.blacklisted, contact.unsubscribed, contact.reachable) is distinct from (flags.blacklisted, flags.unsubscribed, flags.reachable);
  end $$`;

const call = `
  select store_activity(row($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)::activity, $16, $17, $18, $19, $20, $21, $22)`;

/** Logs one event, unless it is there, and moves its contact's status; prepared once per connection. */
export async function storeActivity(pool: Pool, event: WebhookEvent): Promise<void> {
  const a = readActivity(event);
  const values = [
    ...[a.key, new Date(a.occurredAt).toISOString(), a.contactId, a.messageId, a.messageInstanceId, a.broadcastId, a.workflowId],
    ...[a.hardBounce, a.source, a.status, a.mediaType, a.iid, a.statusDescription, a.clickEventLink, JSON.stringify(event)],
    ...[a.email, a.phone, a.externalCustomerId, a.subscriptions, a.address, movedColumns(a), isAboutContact(a)],
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
