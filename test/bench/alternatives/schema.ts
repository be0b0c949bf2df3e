/** The tables of all alternatives: Vidhuk's columns and indexes, and the JSON with each activity, since there is no batch that keeps it. */
import pg from 'pg';
import { channelTimeColumns, contactTimeColumns } from '../../../packages/worker/src/projection/rules.js';
import { storeActivityFunction } from './store-activity.js';

const statusColumns = (times: readonly string[]) => `
  blacklist_reason text,
  ${times.map((column) => `${column} timestamptz`).join(',\n  ')},
  first_activity_at timestamptz not null,
  updated_at timestamptz not null default now()`;

const tables = `
  create table activity (
    activity_key        uuid        primary key,
    occurred_at         timestamptz not null,
    contact_id          bigint,
    message_id          bigint,
    message_instance_id bigint,
    broadcast_id        bigint,
    workflow_id         bigint,
    hard_bounce         boolean     not null,
    source              text        not null,
    status              text        not null,
    media_type          text,
    iid                 text,
    status_description  text,
    click_event_link    text,
    raw                 jsonb       not null
  );
  create index on activity (contact_id, occurred_at desc) where contact_id is not null;

  create table contact_status (
    source                  text    not null,
    contact_id              bigint  not null,
    email                   text,
    phone                   text,
    external_customer_id    text,
    blacklisted             boolean not null default false,
    unsubscribed            boolean not null default false,
    subscriptions           text[],
    reachable               text[]  not null default '{}',
    blacklisted_at          timestamptz,
    unsubscribed_at         timestamptz,
    ${statusColumns(contactTimeColumns)},
    email_at                timestamptz,
    phone_at                timestamptz,
    external_customer_id_at timestamptz,
    subscriptions_at        timestamptz,
    primary key (source, contact_id)
  ) with (fillfactor = 80);
  create index on contact_status (lower(email));
  create index on contact_status (regexp_replace(phone, '\\D', '', 'g'));
  create index on contact_status (external_customer_id);
  create index on contact_status (blacklisted_at) where blacklisted_at is not null;
  create index on contact_status (unsubscribed_at) where unsubscribed_at is not null;

  create table contact_channel_status (
    source       text   not null,
    contact_id   bigint not null,
    media_type   text   not null,
    address      text,
    blacklisted  boolean not null generated always as (
      blacklisted_at is not null and (last_delivered_at is null or blacklisted_at >= last_delivered_at)) stored,
    unsubscribed boolean not null default false,
    may_write    boolean not null generated always as (
      not unsubscribed and (blacklisted_at is null or coalesce(blacklisted_at < last_delivered_at, false))) stored,
    ${statusColumns(channelTimeColumns)},
    address_at       timestamptz,
    former_addresses text[],
    primary key (source, contact_id, media_type)
  ) with (fillfactor = 80)`;

/** In an empty database. */
export async function createSchema(databaseUrl: string): Promise<void> {
  await query(databaseUrl, `${tables}; ${storeActivityFunction}`);
}

export async function countRows(databaseUrl: string): Promise<{ activities: number; contacts: number }> {
  const [row] = await query<{ activities: number; contacts: number }>(
    databaseUrl,
    'select (select count(*) from activity)::integer as activities, (select count(*) from contact_status)::integer as contacts',
  );
  return row ?? { activities: 0, contacts: 0 };
}

async function query<Row extends pg.QueryResultRow>(databaseUrl: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}
