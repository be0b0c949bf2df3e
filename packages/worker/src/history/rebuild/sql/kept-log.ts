/** Rows of the log whose bodies are gone, and what the statuses know beside the log. */
import type { DataSource } from 'typeorm';
import type { Activity } from '../../../activity/activity.js';

export interface LoggedRow extends Omit<
  Activity,
  'occurredAt' | 'contactId' | 'address' | 'email' | 'phone' | 'externalCustomerId' | 'messageName' | 'messageTags'
> {
  batchId: string;
  occurredAt: Date;
  contactId: number | null;
}

const columns = `activity_key as key, a.source, position, occurred_at as "occurredAt", status, media_type as "mediaType", iid, contact_id::float8 as "contactId",
  hard_bounce as "hardBounce", status_description as "statusDescription", subscriptions, message_id::float8 as "messageId",
  message_instance_id::float8 as "messageInstanceId", broadcast_id::float8 as "broadcastId", workflow_id::float8 as "workflowId",
  workflow_instance_id as "workflowInstanceId", click_event_link as "clickEventLink", batch_id as "batchId"`;

/** Of these batches, which do not have a body any more. One that has no row is gone by age, or never was: then its rows are nobody's. */
const bodiless = `not exists (select from vidhuk.batch b where b.id = named.batch_id and b.body is not null)
  and (exists (select from vidhuk.batch b where b.id = named.batch_id) or named.batch_id < (select id from vidhuk.batch order by id limit 1))`;

/** Batches whose rows lie in this stretch and whose bodies are gone. */
export async function listBodiless(
  dataSource: DataSource,
  { first, last }: { first: string; last: string },
  source: string | null,
): Promise<string[]> {
  const rows = await dataSource.query<{ id: string }[]>(
    `with named as materialized (
       select distinct batch_id from vidhuk.activity where occurred_at >= $1 and occurred_at < $2 and ($3::text is null or source = $3)
     )
     select batch_id as id from named where ${bodiless}`,
    [first, last, source],
  );
  return rows.map(({ id }) => id);
}

export type After = [occurredAt: string, key: string];

/** The next rows of a stretch that these batches brought, in order of the log. */
export function readLogged(
  dataSource: DataSource,
  { first, last }: { first: string; last: string },
  batchIds: readonly string[],
  [time, key]: After,
  limit: number,
): Promise<LoggedRow[]> {
  return dataSource.query<LoggedRow[]>(
    `select ${columns} from vidhuk.activity a
     where occurred_at >= $1 and occurred_at < $2 and (occurred_at, activity_key) > ($4, $5) and batch_id = any($3::uuid[])
     order by occurred_at, activity_key limit $6`,
    [first, last, batchIds, time, key, limit],
  );
}

/** All rows that these batches brought, whenever they happened: reads the whole log. */
export function readLoggedOf(dataSource: DataSource, batchIds: readonly string[]): Promise<LoggedRow[]> {
  return dataSource.query<LoggedRow[]>(`select ${columns} from vidhuk.activity a where batch_id = any($1::uuid[])`, [batchIds]);
}

/** What only bodies tell, as the statuses of contacts have it; of what the floors have nothing, for it comes from them. */
export interface KnownNames {
  source: string;
  contactId: number;
  email: string | null;
  emailAt: Date | null;
  phone: string | null;
  phoneAt: Date | null;
  externalCustomerId: string | null;
  externalCustomerIdAt: Date | null;
  channels: { mediaType: string; address: string | null; addressAt: string | null; formerAddresses: string[] | null }[];
}

export function readKnownNames(
  dataSource: DataSource,
  contacts: readonly { source: string; contactId: number }[],
): Promise<KnownNames[]> {
  return dataSource.query<KnownNames[]>(
    `select c.source, c.contact_id::float8 as "contactId", c.email, case when f.email_at is null then c.email_at end as "emailAt",
       c.phone, case when f.phone_at is null then c.phone_at end as "phoneAt", c.external_customer_id as "externalCustomerId",
       case when f.external_customer_id_at is null then c.external_customer_id_at end as "externalCustomerIdAt", coalesce(channels, '[]') as channels
     from unnest($1::text[], $2::bigint[]) as wanted(source, contact_id) join vidhuk.contact_status c using (source, contact_id)
     left join vidhuk.contact_floor f using (source, contact_id)
     left join lateral (
       select json_agg(json_build_object('mediaType', media_type, 'address', address, 'addressAt', address_at, 'formerAddresses', former_addresses)) as channels
       from vidhuk.contact_channel_status ch where ch.source = c.source and ch.contact_id = c.contact_id and not exists (
         select from vidhuk.contact_channel_floor cf
         where cf.source = ch.source and cf.contact_id = ch.contact_id and cf.media_type = ch.media_type and cf.address_at is not null)
     ) as ch on true`,
    [contacts.map(({ source }) => source), contacts.map(({ contactId }) => contactId)],
  );
}
