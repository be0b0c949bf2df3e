/** The log, the projections and the quarantine. Explicit SQL: what stands here is what the database has. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The columns that a channel and a contact share, in this order. */
const sharedColumns = `
  last_sent_at        timestamptz,
  last_delivered_at   timestamptz,
  last_undelivered_at timestamptz,
  last_opened_at      timestamptz,
  last_clicked_at     timestamptz,
  blacklisted_at      timestamptz,
  blacklist_reason    text,
  unsubscribed_at     timestamptz,
  spam_reported_at    timestamptz,
  first_activity_at   timestamptz not null,
  last_activity_at    timestamptz not null,
  updated_at          timestamptz not null default now()`;

const tables = [
  `create table vidhuk.batch (
    id           uuid        not null,
    source       text        not null,
    origin       text        not null default 'webhook' check (origin in ('webhook', 'pull', 'export', 'file', 'quarantine')),
    received_at  timestamptz not null,
    processed_at timestamptz not null default now(),
    body         bytea,
    bytes        integer     not null,
    total        integer     not null,
    "new"        integer     not null,
    duplicate    integer     not null,
    rejected     integer     not null,
    primary key (id, received_at)
  ) partition by range (received_at)`,
  `create table vidhuk.batch_default partition of vidhuk.batch default`,
  // lz4 compresses faster than pglz; some builds of PostgreSQL lack it, and then pglz does.
  `do $$ begin
    alter table vidhuk.batch alter column body set compression lz4;
    alter table vidhuk.batch_default alter column body set compression lz4;
  exception when feature_not_supported then null;
  end $$`,

  `create table vidhuk.activity (
    occurred_at         timestamptz not null,
    activity_key        uuid        not null,
    batch_id            uuid        not null,
    contact_id          bigint,
    message_id          bigint,
    message_instance_id bigint,
    broadcast_id        bigint,
    workflow_id         bigint,
    position            integer     not null,
    identity_version    smallint    not null,
    hard_bounce         boolean     not null default false,
    source              text        not null,
    status              text        not null,
    media_type          text,
    iid                 text,
    workflow_instance_id text,
    status_description  text,
    click_event_link    text,
    subscriptions       text[],
    primary key (occurred_at, activity_key)
  ) partition by range (occurred_at)`,
  `create table vidhuk.activity_default partition of vidhuk.activity default`,
  `create index activity_workflow_instance on vidhuk.activity (workflow_instance_id) where workflow_instance_id is not null`,
  `create index activity_contact on vidhuk.activity (contact_id, occurred_at desc) where contact_id is not null`,

  // Room on every page lets an update stay on it without touching the indexes (HOT).
  `create table vidhuk.contact_status (
    source               text        not null,
    contact_id           bigint      not null,
    email                text,
    phone                text,
    external_customer_id text,
    blacklisted          boolean     not null default false,
    unsubscribed         boolean     not null default false,
    subscriptions        text[],
    reachable            text[]      not null default '{}',
    ${sharedColumns},
    opted_out_at            timestamptz,
    resubscribed_at         timestamptz,
    email_at                timestamptz,
    phone_at                timestamptz,
    external_customer_id_at timestamptz,
    subscriptions_at        timestamptz,
    primary key (source, contact_id)
  ) with (fillfactor = 80)`,
  `create index contact_status_email on vidhuk.contact_status (lower(email))`,
  `create index contact_status_phone on vidhuk.contact_status (regexp_replace(phone, '\\D', '', 'g'))`,
  `create index contact_status_external_customer_id on vidhuk.contact_status (external_customer_id)`,
  `create index contact_status_blacklisted_at on vidhuk.contact_status (blacklisted_at) where blacklisted_at is not null`,
  `create index contact_status_unsubscribed_at on vidhuk.contact_status (unsubscribed_at) where unsubscribed_at is not null`,

  // Where a channel's blacklisting is decided: only a later delivery ends it, and ties go to the safe side. What opt-outs do needs the contact's row
  // as well, and is decided in projection/sql/decide-flags.ts.
  `create table vidhuk.contact_channel_status (
    source       text    not null,
    contact_id   bigint  not null,
    media_type   text    not null,
    address      text,
    blacklisted  boolean not null generated always as (
      blacklisted_at is not null and (last_delivered_at is null or blacklisted_at >= last_delivered_at)) stored,
    unsubscribed boolean not null default false,
    may_write    boolean not null generated always as (
      not unsubscribed and (blacklisted_at is null or coalesce(blacklisted_at < last_delivered_at, false))) stored,
    ${sharedColumns},
    address_at       timestamptz,
    former_addresses text[],
    primary key (source, contact_id, media_type)
  ) with (fillfactor = 80)`,
  `create index contact_channel_status_address on vidhuk.contact_channel_status (lower(address), media_type)`,
  `create index contact_channel_status_former on vidhuk.contact_channel_status (media_type) where former_addresses is not null`,

  `create table vidhuk.source (
    source                   text    not null primary key,
    opt_in_ends_unsubscribed boolean not null,
    opt_in_ends_complaint    boolean not null,
    decided                  boolean not null default false
  )`,

  `create table vidhuk.rejected_activity (
    id          bigint generated always as identity primary key,
    source      text        not null,
    batch_id    uuid        not null,
    position    integer     not null,
    reason      text        not null,
    detail      text        not null,
    contact_id  bigint,
    moves_flag  boolean     not null,
    raw         text        not null,
    raw_bytes   integer     not null,
    rejected_at timestamptz not null default now(),
    resolved_at timestamptz,
    resolution  text,
    unique (batch_id, position)
  )`,
  `create index rejected_activity_open on vidhuk.rejected_activity (moves_flag, id) where resolved_at is null`,
  `create index rejected_activity_contact on vidhuk.rejected_activity (contact_id) where resolved_at is null`,
];

const functions = [
  // Attaching, unlike "create table … partition of", locks the parent so that writers go on. The parent's lock lets one maker in at a time, and is
  // taken first, as analyze does; a lock on a table, unlike an advisory one, also shows what others have committed meanwhile. The default
  // partition's keeps away writers whose rows would come into it after the others had moved.
  `create function vidhuk.ensure_partition(parent text, partition_key text, month date) returns boolean language plpgsql as $$
  declare
    lower_bound timestamptz := date_trunc('month', month::timestamp) at time zone 'UTC';
    upper_bound timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') at time zone 'UTC';
    partition   text := format('%s_%s', parent, to_char(month, 'YYYY_MM'));
  begin
    if to_regclass(format('vidhuk.%I', partition)) is not null then return false; end if;
    execute format('lock table only vidhuk.%I in share update exclusive mode', parent);
    if to_regclass(format('vidhuk.%I', partition)) is not null then return false; end if;
    execute format('lock table vidhuk.%I in access exclusive mode', parent || '_default');
    execute format('create table vidhuk.%I (like vidhuk.%I including all)', partition, parent);
    execute format('with moved as (delete from vidhuk.%I where %I >= $1 and %I < $2 returning *) insert into vidhuk.%I select * from moved',
      parent || '_default', partition_key, partition_key, partition) using lower_bound, upper_bound;
    execute format('alter table vidhuk.%I attach partition vidhuk.%I for values from (%L) to (%L)', parent, partition, lower_bound, upper_bound);
    return true;
  end $$`,
  `comment on function vidhuk.ensure_partition is 'Makes the monthly partition of batch or activity if it is missing; rows of that month that wait in the default partition move into it'`,
  // json, unlike jsonb, takes every text that is JSON; what no type takes (bytes that are not UTF-8, nesting beyond the stack) shows as null.
  // The operator -> would refuse all elements for one that holds \u0000; json_array_elements leaves texts as they are.
  // Not parallel safe: to catch an error takes a subtransaction, which parallel plans refuse.
  `create function vidhuk.elements_of(body bytea) returns json[] language plpgsql immutable strict as $$
  declare
    document json;
  begin
    document := ltrim(convert_from(body, 'UTF8'), U&'\\FEFF')::json;
    if json_typeof(document) <> 'array' then return array[document]; end if;
    return (select array_agg(element order by nth) from json_array_elements(document) with ordinality as elements(element, nth));
  exception when data_exception or statement_too_complex then
    return null;
  end $$`,
  `comment on function vidhuk.elements_of is 'The elements of a webhook body, as received'`,
  // A body is parsed once for all of its activities: the plan keeps (Memoize) what it has found for a batch.
  `create view vidhuk.activity_raw as
    select a.*, b.elements[a.position + 1] as raw
    from vidhuk.activity a
    left join lateral (select vidhuk.elements_of(body) as elements from vidhuk.batch where id = a.batch_id offset 0) as b on true`,
  // One no is enough: an address may belong to several contacts, and one that has moved on may have said no through it. E-mail addresses are one
  // whatever their case. Of a contact without a channel for its e-mail address, its own opt-out counts.
  `create view vidhuk.address_status as
    select media_type, address, bool_and(may_write) as may_write, bool_or(blacklisted) as blacklisted, bool_or(unsubscribed) as unsubscribed,
      count(*) as contacts
    from (
      select media_type, lower(address) as address, may_write, blacklisted, unsubscribed from vidhuk.contact_channel_status where address is not null
      union all
      select media_type, lower(former), may_write, blacklisted, unsubscribed from vidhuk.contact_channel_status, unnest(former_addresses) as former
      where former_addresses is not null
      union all
      select 'email', lower(email), not unsubscribed, false, unsubscribed from vidhuk.contact_status c
      where email is not null and not exists (
        select from vidhuk.contact_channel_status as channel
        where channel.source = c.source and channel.contact_id = c.contact_id and channel.media_type = 'email')
    ) as known
    group by media_type, address`,
];

const times: Readonly<Record<string, string>> = {
  last_sent_at: 'Latest time a message was sent (SENT; mobile push only)',
  last_delivered_at: 'Latest time a message was delivered (DELIVERED)',
  last_undelivered_at: 'Latest time a message could not be delivered (UNDELIVERED)',
  last_opened_at: 'Latest time a message was opened (READ, also called OPENED and RECEIVED)',
  last_clicked_at: 'Latest time a link was clicked (CLICKED)',
  blacklisted_at:
    'Latest time the platform said that it has the contact on its blacklist (UNDELIVERED with hardBounce true); see blacklisted for whether it still holds',
  blacklist_reason: 'What the platform said at blacklisted_at',
  unsubscribed_at: 'Latest opt-out (UNSUBSCRIBED); see unsubscribed for whether it still holds',
  spam_reported_at:
    'Latest complaint (SPAM): an opt-out that a new choice does not end, unless optIn.endsComplaint of the source says so',
  first_activity_at: 'Earliest activity of any kind',
  last_activity_at: 'Latest activity of any kind',
  updated_at: 'When Vidhuk last changed this row',
};
const identityColumns = {
  source: 'The configured source (eSputnik account) it came from',
  contact_id: 'contactId of the platform',
};

const tableComments = {
  batch: {
    '': 'One row per webhook call; the body is kept here, once',
    id: 'UUID version 7, given on receipt',
    source: identityColumns.source,
    origin: 'By which road it came: webhook, pull, export, file or quarantine',
    received_at: 'When the ingress had the body, before it answered 200',
    processed_at: 'When it was written to the log',
    body: 'The bytes as received (decompressed); null when the very same bytes are kept already',
    bytes: 'Length of the body as received (decompressed)',
    total: 'Elements in the body',
    new: 'Elements that were new to the log',
    duplicate: 'Elements that the log already had',
    rejected: 'Elements in rejected_activity',
  },
  activity: {
    '': 'The log: every activity exactly once; its JSON as received is in the view activity_raw',
    occurred_at: 'activityDateTime in UTC',
    activity_key:
      'Identity of the activity: source, iid, status, activityDateTime as text, clicked link; without iid the whole element',
    batch_id: 'The batch that brought it first',
    contact_id: 'contactId; null for anonymous activities, which no projection counts',
    message_id: 'messageId',
    message_instance_id: 'messageInstanceId',
    broadcast_id: 'broadcastId, of bulk sends',
    workflow_id: 'workflowId, of triggered sends',
    position: 'Index in the batch, from 0',
    identity_version: 'How activity_key was made; keys of two versions are not comparable',
    hard_bounce: 'hardBounce of an UNDELIVERED: the contact is on the blacklist of the platform',
    source: identityColumns.source,
    status: 'activityStatus in upper case; READ also for OPENED and RECEIVED',
    media_type:
      'Channel: email, sms, viber, webpush, mobilepush, …; lower case without spaces and hyphens; null where the sender named none',
    iid: 'Id of the message sent to one contact; not unique in this table',
    workflow_instance_id: 'workflowInstanceId, of triggered sends: one run of the workflow for one contact; see workflow_request',
    status_description: 'Reason of an UNDELIVERED',
    click_event_link: 'Link of a CLICKED',
    subscriptions: 'Category keys of a SUBSCRIPTION_CHANGED',
  },
  contact_status: {
    '': 'May we write to this contact? One row per contact, over all channels',
    ...identityColumns,
    email: 'Latest e-mail address seen',
    phone: 'Latest phone number seen',
    external_customer_id: 'Latest externalCustomerId seen: the id of the contact in your own system',
    blacklisted: 'True when any channel is on the blacklist of the platform now',
    unsubscribed: 'True when the contact has opted out of any channel, or gave up all subscriptions',
    reachable: 'Media types whose channel may be written to, sorted',
    subscriptions: 'Category keys of the latest SUBSCRIPTION_CHANGED',
    ...times,
    blacklisted_at: 'Since when the channel is blacklisted that was last of those that are now; null when none is',
    blacklist_reason: 'What the platform said at blacklisted_at',
    unsubscribed_at: 'Latest opt-out that still holds, of any channel or of all subscriptions; null when none does',
    opted_out_at: 'Latest time the contact gave up all subscriptions (SUBSCRIPTION_CHANGED to nothing)',
    resubscribed_at: 'Latest time the contact chose at least one subscription (SUBSCRIPTION_CHANGED)',
    email_at: 'Time of the activity that email came from',
    phone_at: 'Time of the activity that phone came from',
    external_customer_id_at: 'Time of the activity that external_customer_id came from',
    subscriptions_at: 'Time of the activity that subscriptions came from',
  },
  contact_channel_status: {
    '': 'May we write to this contact through this channel? One row per contact and media type',
    ...identityColumns,
    media_type: 'Channel: email, sms, viber, webpush, mobilepush, …',
    address: 'Latest address seen: e-mail, phone number or push token',
    blacklisted: 'True when blacklisted_at is not before last_delivered_at',
    unsubscribed:
      'True when an opt-out of this channel, a complaint, or giving up all subscriptions holds: no later choice has ended it',
    may_write: 'Not blacklisted, not unsubscribed',
    ...times,
    address_at: 'Time of the activity that address came from',
    former_addresses: 'Other addresses that it had, up to 50',
  },
  source: {
    '': 'What decides flags besides activities: settings of the configured sources, written by the worker at its start',
    source: identityColumns.source,
    opt_in_ends_unsubscribed: 'optIn.endsUnsubscribed: a later choice of a subscription ends an UNSUBSCRIBED',
    opt_in_ends_complaint: 'optIn.endsComplaint: and a SPAM',
    decided: 'Whether the flags of all its contacts follow from these settings',
  },
  rejected_activity: {
    '': 'Quarantine: elements that could not be logged; see "vidhuk quarantine"',
    id: 'For the commands of "vidhuk quarantine"',
    source: identityColumns.source,
    batch_id: 'The batch it came in',
    position: 'Index in the batch, from 0',
    reason:
      'Kind of fault: not-json, too-many-elements, not-an-object, too-deep, bad-text, invalid-field, bad-date, refused-by-database',
    detail: 'What is wrong, with the name of the field',
    contact_id: 'Whom it may be about; null where that could not be read',
    moves_flag: 'Sound, it would have forbidden to write to somebody, or allowed it again: mend these first',
    raw: 'The element as received; of a long one the first 64 KB, the rest is in the body of its batch',
    raw_bytes: 'How long it is, in bytes',
    rejected_at: 'When it was put here',
    resolved_at: 'When it was resubmitted or discarded; null while it waits',
    resolution: 'resubmitted or discarded',
  },
};
const comments: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...tableComments,
  address_status: {
    '': 'May we write to this address? Over all contacts that have or had it: one no is enough',
    media_type: 'Channel: email, sms, viber, webpush, mobilepush, …',
    address: 'E-mail address, phone number or push token, in lower case',
    may_write: 'True when every one of its contacts may be written to through this channel',
    blacklisted: 'True when it is blacklisted for any of them',
    unsubscribed: 'True when any of them has opted out',
    contacts: 'How many contacts have or had it',
  },
  activity_raw: {
    ...tableComments.activity,
    '': 'The log with the JSON of every activity as received (column raw)',
    raw: 'The element as received; null where PostgreSQL cannot read the body it came in: bytes that are not UTF-8, nesting beyond its limit',
  },
};

const views = new Set(['activity_raw', 'address_status']);

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const commentStatements = Object.entries(comments).flatMap(([table, columns]) =>
  Object.entries(columns).map(([column, comment]) =>
    column === ''
      ? `comment on ${views.has(table) ? 'view' : 'table'} vidhuk.${table} is ${quoted(comment)}`
      : `comment on column vidhuk.${table}."${column}" is ${quoted(comment)}`,
  ),
);

const supportRole = [
  // A role belongs to the whole server: another database of it may have made it already, or be making it now. Who may not make roles may go on
  // where it is there.
  `do $$ begin
    if not exists (select from pg_roles where rolname = 'vidhuk_support') then
      create role vidhuk_support nologin;
    end if;
  exception when duplicate_object or unique_violation then null;
  end $$`,
  `grant usage on schema vidhuk to vidhuk_support`,
  `grant select on vidhuk.contact_status, vidhuk.contact_channel_status, vidhuk.activity, vidhuk.activity_raw, vidhuk.address_status to vidhuk_support`,
  // Commands ask it whether the database is up to date.
  `grant select on vidhuk.migration to vidhuk_support`,
];

export class Pipeline1700000000001 implements MigrationInterface {
  readonly name = 'Pipeline1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...tables, ...functions, ...commentStatements, ...supportRole]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop view vidhuk.activity_raw, vidhuk.address_status');
    await runner.query('drop function vidhuk.ensure_partition, vidhuk.elements_of');
    await runner.query(
      'drop table vidhuk.activity, vidhuk.batch, vidhuk.contact_status, vidhuk.contact_channel_status, vidhuk.rejected_activity, vidhuk.source',
    );
  }
}
