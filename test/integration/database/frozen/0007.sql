-- The schema with its migrations up to 0007, as it was. Not to be edited.

create schema if not exists vidhuk;

create table vidhuk.migration (id serial primary key, "timestamp" bigint not null, name character varying not null);

create table vidhuk.batch (
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
  ) partition by range (received_at);

create table vidhuk.batch_default partition of vidhuk.batch default;

do $$ begin
    alter table vidhuk.batch alter column body set compression lz4;
    alter table vidhuk.batch_default alter column body set compression lz4;
  exception when feature_not_supported then null;
  end $$;

create table vidhuk.activity (
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
  ) partition by range (occurred_at);

create table vidhuk.activity_default partition of vidhuk.activity default;

create index activity_workflow_instance on vidhuk.activity (workflow_instance_id) where workflow_instance_id is not null;

create index activity_contact on vidhuk.activity (contact_id, occurred_at desc) where contact_id is not null;

create table vidhuk.contact_status (
    source               text        not null,
    contact_id           bigint      not null,
    email                text,
    phone                text,
    external_customer_id text,
    blacklisted          boolean     not null default false,
    unsubscribed         boolean     not null default false,
    subscriptions        text[],
    reachable            text[]      not null default '{}',
    
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
  updated_at          timestamptz not null default now(),
    opted_out_at            timestamptz,
    resubscribed_at         timestamptz,
    email_at                timestamptz,
    phone_at                timestamptz,
    external_customer_id_at timestamptz,
    subscriptions_at        timestamptz,
    primary key (source, contact_id)
  ) with (fillfactor = 80);

create index contact_status_email on vidhuk.contact_status (lower(email));

create index contact_status_phone on vidhuk.contact_status (regexp_replace(phone, '\D', '', 'g'));

create index contact_status_external_customer_id on vidhuk.contact_status (external_customer_id);

create index contact_status_blacklisted_at on vidhuk.contact_status (blacklisted_at) where blacklisted_at is not null;

create index contact_status_unsubscribed_at on vidhuk.contact_status (unsubscribed_at) where unsubscribed_at is not null;

create table vidhuk.contact_channel_status (
    source       text    not null,
    contact_id   bigint  not null,
    media_type   text    not null,
    address      text,
    blacklisted  boolean not null generated always as (
      blacklisted_at is not null and (last_delivered_at is null or blacklisted_at >= last_delivered_at)) stored,
    unsubscribed boolean not null default false,
    may_write    boolean not null generated always as (
      not unsubscribed and (blacklisted_at is null or coalesce(blacklisted_at < last_delivered_at, false))) stored,
    
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
  updated_at          timestamptz not null default now(),
    address_at       timestamptz,
    former_addresses text[],
    primary key (source, contact_id, media_type)
  ) with (fillfactor = 80);

create index contact_channel_status_address on vidhuk.contact_channel_status (lower(address), media_type);

create index contact_channel_status_former on vidhuk.contact_channel_status (media_type) where former_addresses is not null;

create table vidhuk.source (
    source                   text    not null primary key,
    opt_in_ends_unsubscribed boolean not null,
    opt_in_ends_complaint    boolean not null,
    decided                  boolean not null default false
  );

create table vidhuk.rejected_activity (
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
  );

create index rejected_activity_open on vidhuk.rejected_activity (moves_flag, id) where resolved_at is null;

create index rejected_activity_contact on vidhuk.rejected_activity (contact_id) where resolved_at is null;

create function vidhuk.ensure_partition(parent text, partition_key text, month date) returns boolean language plpgsql as $$
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
  end $$;

comment on function vidhuk.ensure_partition is 'Makes the monthly partition of batch or activity if it is missing; rows of that month that wait in the default partition move into it';

create function vidhuk.elements_of(body bytea) returns json[] language plpgsql immutable strict as $$
  declare
    document json;
  begin
    document := ltrim(convert_from(body, 'UTF8'), U&'\FEFF')::json;
    if json_typeof(document) <> 'array' then return array[document]; end if;
    return (select array_agg(element order by nth) from json_array_elements(document) with ordinality as elements(element, nth));
  exception when data_exception or statement_too_complex then
    return null;
  end $$;

comment on function vidhuk.elements_of is 'The elements of a webhook body, as received';

create view vidhuk.activity_raw as
    select a.*, b.elements[a.position + 1] as raw
    from vidhuk.activity a
    left join lateral (select vidhuk.elements_of(body) as elements from vidhuk.batch where id = a.batch_id offset 0) as b on true;

create view vidhuk.address_status as
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
    group by media_type, address;

comment on table vidhuk.batch is 'One row per webhook call; the body is kept here, once';

comment on column vidhuk.batch."id" is 'UUID version 7, given on receipt';

comment on column vidhuk.batch."source" is 'The configured source (eSputnik account) it came from';

comment on column vidhuk.batch."origin" is 'By which road it came: webhook, pull, export, file or quarantine';

comment on column vidhuk.batch."received_at" is 'When the ingress had the body, before it answered 200';

comment on column vidhuk.batch."processed_at" is 'When it was written to the log';

comment on column vidhuk.batch."body" is 'The bytes as received (decompressed); null when the very same bytes are kept already';

comment on column vidhuk.batch."bytes" is 'Length of the body as received (decompressed)';

comment on column vidhuk.batch."total" is 'Elements in the body';

comment on column vidhuk.batch."new" is 'Elements that were new to the log';

comment on column vidhuk.batch."duplicate" is 'Elements that the log already had';

comment on column vidhuk.batch."rejected" is 'Elements in rejected_activity';

comment on table vidhuk.activity is 'The log: every activity exactly once; its JSON as received is in the view activity_raw';

comment on column vidhuk.activity."occurred_at" is 'activityDateTime in UTC';

comment on column vidhuk.activity."activity_key" is 'Identity of the activity: source, iid, status, activityDateTime as text, clicked link; without iid the whole element';

comment on column vidhuk.activity."batch_id" is 'The batch that brought it first';

comment on column vidhuk.activity."contact_id" is 'contactId; null for anonymous activities, which no projection counts';

comment on column vidhuk.activity."message_id" is 'messageId';

comment on column vidhuk.activity."message_instance_id" is 'messageInstanceId';

comment on column vidhuk.activity."broadcast_id" is 'broadcastId, of bulk sends';

comment on column vidhuk.activity."workflow_id" is 'workflowId, of triggered sends';

comment on column vidhuk.activity."position" is 'Index in the batch, from 0';

comment on column vidhuk.activity."identity_version" is 'How activity_key was made; keys of two versions are not comparable';

comment on column vidhuk.activity."hard_bounce" is 'hardBounce of an UNDELIVERED: the contact is on the blacklist of the platform';

comment on column vidhuk.activity."source" is 'The configured source (eSputnik account) it came from';

comment on column vidhuk.activity."status" is 'activityStatus in upper case; READ also for OPENED and RECEIVED';

comment on column vidhuk.activity."media_type" is 'Channel: email, sms, viber, webpush, mobilepush, …; lower case without spaces and hyphens; null where the sender named none';

comment on column vidhuk.activity."iid" is 'Id of the message sent to one contact; not unique in this table';

comment on column vidhuk.activity."workflow_instance_id" is 'workflowInstanceId, of triggered sends: one run of the workflow for one contact; see workflow_request';

comment on column vidhuk.activity."status_description" is 'Reason of an UNDELIVERED';

comment on column vidhuk.activity."click_event_link" is 'Link of a CLICKED';

comment on column vidhuk.activity."subscriptions" is 'Category keys of a SUBSCRIPTION_CHANGED';

comment on table vidhuk.contact_status is 'May we write to this contact? One row per contact, over all channels';

comment on column vidhuk.contact_status."source" is 'The configured source (eSputnik account) it came from';

comment on column vidhuk.contact_status."contact_id" is 'contactId of the platform';

comment on column vidhuk.contact_status."email" is 'Latest e-mail address seen';

comment on column vidhuk.contact_status."phone" is 'Latest phone number seen';

comment on column vidhuk.contact_status."external_customer_id" is 'Latest externalCustomerId seen: the id of the contact in your own system';

comment on column vidhuk.contact_status."blacklisted" is 'True when any channel is on the blacklist of the platform now';

comment on column vidhuk.contact_status."unsubscribed" is 'True when the contact has opted out of any channel, or gave up all subscriptions';

comment on column vidhuk.contact_status."reachable" is 'Media types whose channel may be written to, sorted';

comment on column vidhuk.contact_status."subscriptions" is 'Category keys of the latest SUBSCRIPTION_CHANGED';

comment on column vidhuk.contact_status."last_sent_at" is 'Latest time a message was sent (SENT; mobile push only)';

comment on column vidhuk.contact_status."last_delivered_at" is 'Latest time a message was delivered (DELIVERED)';

comment on column vidhuk.contact_status."last_undelivered_at" is 'Latest time a message could not be delivered (UNDELIVERED)';

comment on column vidhuk.contact_status."last_opened_at" is 'Latest time a message was opened (READ, also called OPENED and RECEIVED)';

comment on column vidhuk.contact_status."last_clicked_at" is 'Latest time a link was clicked (CLICKED)';

comment on column vidhuk.contact_status."blacklisted_at" is 'Since when the channel is blacklisted that was last of those that are now; null when none is';

comment on column vidhuk.contact_status."blacklist_reason" is 'What the platform said at blacklisted_at';

comment on column vidhuk.contact_status."unsubscribed_at" is 'Latest opt-out that still holds, of any channel or of all subscriptions; null when none does';

comment on column vidhuk.contact_status."spam_reported_at" is 'Latest complaint (SPAM): an opt-out that a new choice does not end, unless optIn.endsComplaint of the source says so';

comment on column vidhuk.contact_status."first_activity_at" is 'Earliest activity of any kind';

comment on column vidhuk.contact_status."last_activity_at" is 'Latest activity of any kind';

comment on column vidhuk.contact_status."updated_at" is 'When Vidhuk last changed this row';

comment on column vidhuk.contact_status."opted_out_at" is 'Latest time the contact gave up all subscriptions (SUBSCRIPTION_CHANGED to nothing)';

comment on column vidhuk.contact_status."resubscribed_at" is 'Latest time the contact chose at least one subscription (SUBSCRIPTION_CHANGED)';

comment on column vidhuk.contact_status."email_at" is 'Time of the activity that email came from';

comment on column vidhuk.contact_status."phone_at" is 'Time of the activity that phone came from';

comment on column vidhuk.contact_status."external_customer_id_at" is 'Time of the activity that external_customer_id came from';

comment on column vidhuk.contact_status."subscriptions_at" is 'Time of the activity that subscriptions came from';

comment on table vidhuk.contact_channel_status is 'May we write to this contact through this channel? One row per contact and media type';

comment on column vidhuk.contact_channel_status."source" is 'The configured source (eSputnik account) it came from';

comment on column vidhuk.contact_channel_status."contact_id" is 'contactId of the platform';

comment on column vidhuk.contact_channel_status."media_type" is 'Channel: email, sms, viber, webpush, mobilepush, …';

comment on column vidhuk.contact_channel_status."address" is 'Latest address seen: e-mail, phone number or push token';

comment on column vidhuk.contact_channel_status."blacklisted" is 'True when blacklisted_at is not before last_delivered_at';

comment on column vidhuk.contact_channel_status."unsubscribed" is 'True when an opt-out of this channel, a complaint, or giving up all subscriptions holds: no later choice has ended it';

comment on column vidhuk.contact_channel_status."may_write" is 'Not blacklisted, not unsubscribed';

comment on column vidhuk.contact_channel_status."last_sent_at" is 'Latest time a message was sent (SENT; mobile push only)';

comment on column vidhuk.contact_channel_status."last_delivered_at" is 'Latest time a message was delivered (DELIVERED)';

comment on column vidhuk.contact_channel_status."last_undelivered_at" is 'Latest time a message could not be delivered (UNDELIVERED)';

comment on column vidhuk.contact_channel_status."last_opened_at" is 'Latest time a message was opened (READ, also called OPENED and RECEIVED)';

comment on column vidhuk.contact_channel_status."last_clicked_at" is 'Latest time a link was clicked (CLICKED)';

comment on column vidhuk.contact_channel_status."blacklisted_at" is 'Latest time the platform said that it has the contact on its blacklist (UNDELIVERED with hardBounce true); see blacklisted for whether it still holds';

comment on column vidhuk.contact_channel_status."blacklist_reason" is 'What the platform said at blacklisted_at';

comment on column vidhuk.contact_channel_status."unsubscribed_at" is 'Latest opt-out (UNSUBSCRIBED); see unsubscribed for whether it still holds';

comment on column vidhuk.contact_channel_status."spam_reported_at" is 'Latest complaint (SPAM): an opt-out that a new choice does not end, unless optIn.endsComplaint of the source says so';

comment on column vidhuk.contact_channel_status."first_activity_at" is 'Earliest activity of any kind';

comment on column vidhuk.contact_channel_status."last_activity_at" is 'Latest activity of any kind';

comment on column vidhuk.contact_channel_status."updated_at" is 'When Vidhuk last changed this row';

comment on column vidhuk.contact_channel_status."address_at" is 'Time of the activity that address came from';

comment on column vidhuk.contact_channel_status."former_addresses" is 'Other addresses that it had, up to 50';

comment on table vidhuk.source is 'What decides flags besides activities: settings of the configured sources, written by the worker at its start';

comment on column vidhuk.source."source" is 'The configured source (eSputnik account) it came from';

comment on column vidhuk.source."opt_in_ends_unsubscribed" is 'optIn.endsUnsubscribed: a later choice of a subscription ends an UNSUBSCRIBED';

comment on column vidhuk.source."opt_in_ends_complaint" is 'optIn.endsComplaint: and a SPAM';

comment on column vidhuk.source."decided" is 'Whether the flags of all its contacts follow from these settings';

comment on table vidhuk.rejected_activity is 'Quarantine: elements that could not be logged; see "vidhuk quarantine"';

comment on column vidhuk.rejected_activity."id" is 'For the commands of "vidhuk quarantine"';

comment on column vidhuk.rejected_activity."source" is 'The configured source (eSputnik account) it came from';

comment on column vidhuk.rejected_activity."batch_id" is 'The batch it came in';

comment on column vidhuk.rejected_activity."position" is 'Index in the batch, from 0';

comment on column vidhuk.rejected_activity."reason" is 'Kind of fault: not-json, too-many-elements, not-an-object, too-deep, bad-text, invalid-field, bad-date, refused-by-database';

comment on column vidhuk.rejected_activity."detail" is 'What is wrong, with the name of the field';

comment on column vidhuk.rejected_activity."contact_id" is 'Whom it may be about; null where that could not be read';

comment on column vidhuk.rejected_activity."moves_flag" is 'Sound, it would have forbidden to write to somebody, or allowed it again: mend these first';

comment on column vidhuk.rejected_activity."raw" is 'The element as received; of a long one the first 64 KB, the rest is in the body of its batch';

comment on column vidhuk.rejected_activity."raw_bytes" is 'How long it is, in bytes';

comment on column vidhuk.rejected_activity."rejected_at" is 'When it was put here';

comment on column vidhuk.rejected_activity."resolved_at" is 'When it was resubmitted or discarded; null while it waits';

comment on column vidhuk.rejected_activity."resolution" is 'resubmitted or discarded';

comment on view vidhuk.address_status is 'May we write to this address? Over all contacts that have or had it: one no is enough';

comment on column vidhuk.address_status."media_type" is 'Channel: email, sms, viber, webpush, mobilepush, …';

comment on column vidhuk.address_status."address" is 'E-mail address, phone number or push token, in lower case';

comment on column vidhuk.address_status."may_write" is 'True when every one of its contacts may be written to through this channel';

comment on column vidhuk.address_status."blacklisted" is 'True when it is blacklisted for any of them';

comment on column vidhuk.address_status."unsubscribed" is 'True when any of them has opted out';

comment on column vidhuk.address_status."contacts" is 'How many contacts have or had it';

comment on view vidhuk.activity_raw is 'The log with the JSON of every activity as received (column raw)';

comment on column vidhuk.activity_raw."occurred_at" is 'activityDateTime in UTC';

comment on column vidhuk.activity_raw."activity_key" is 'Identity of the activity: source, iid, status, activityDateTime as text, clicked link; without iid the whole element';

comment on column vidhuk.activity_raw."batch_id" is 'The batch that brought it first';

comment on column vidhuk.activity_raw."contact_id" is 'contactId; null for anonymous activities, which no projection counts';

comment on column vidhuk.activity_raw."message_id" is 'messageId';

comment on column vidhuk.activity_raw."message_instance_id" is 'messageInstanceId';

comment on column vidhuk.activity_raw."broadcast_id" is 'broadcastId, of bulk sends';

comment on column vidhuk.activity_raw."workflow_id" is 'workflowId, of triggered sends';

comment on column vidhuk.activity_raw."position" is 'Index in the batch, from 0';

comment on column vidhuk.activity_raw."identity_version" is 'How activity_key was made; keys of two versions are not comparable';

comment on column vidhuk.activity_raw."hard_bounce" is 'hardBounce of an UNDELIVERED: the contact is on the blacklist of the platform';

comment on column vidhuk.activity_raw."source" is 'The configured source (eSputnik account) it came from';

comment on column vidhuk.activity_raw."status" is 'activityStatus in upper case; READ also for OPENED and RECEIVED';

comment on column vidhuk.activity_raw."media_type" is 'Channel: email, sms, viber, webpush, mobilepush, …; lower case without spaces and hyphens; null where the sender named none';

comment on column vidhuk.activity_raw."iid" is 'Id of the message sent to one contact; not unique in this table';

comment on column vidhuk.activity_raw."workflow_instance_id" is 'workflowInstanceId, of triggered sends: one run of the workflow for one contact; see workflow_request';

comment on column vidhuk.activity_raw."status_description" is 'Reason of an UNDELIVERED';

comment on column vidhuk.activity_raw."click_event_link" is 'Link of a CLICKED';

comment on column vidhuk.activity_raw."subscriptions" is 'Category keys of a SUBSCRIPTION_CHANGED';

comment on column vidhuk.activity_raw."raw" is 'The element as received; null where PostgreSQL cannot read the body it came in: bytes that are not UTF-8, nesting beyond its limit';

do $$ begin
    if not exists (select from pg_roles where rolname = 'vidhuk_support') then
      create role vidhuk_support nologin;
    end if;
  exception when duplicate_object or unique_violation then null;
  end $$;

grant usage on schema vidhuk to vidhuk_support;

grant select on vidhuk.contact_status, vidhuk.contact_channel_status, vidhuk.activity, vidhuk.activity_raw, vidhuk.address_status to vidhuk_support;

grant select on vidhuk.migration to vidhuk_support;

create table vidhuk.follow_up (
    id              uuid        not null primary key,
    action          text        not null,
    source          text        not null,
    activity_key    uuid        not null,
    occurred_at     timestamptz not null,
    contact_id      bigint,
    state           text        not null check (state in ('waiting', 'queued', 'done', 'failed', 'cancelled', 'held', 'dry-run')),
    attempts        integer     not null default 0,
    last_error      text,
    created_at      timestamptz not null default now(),
    next_attempt_at timestamptz,
    done_at         timestamptz,
    call_id         uuid,
    job_id          uuid,
    claimed_at      timestamptz,
    blocked         boolean     not null default false,
    activity        jsonb       not null,
    contact         jsonb,
    previous        jsonb,
    unique (activity_key, action)
  );

create index follow_up_new on vidhuk.follow_up (action, occurred_at, activity_key) where state = 'waiting' and call_id is null and not blocked;

create index follow_up_again on vidhuk.follow_up (action, next_attempt_at) where state = 'waiting' and call_id is not null and not blocked;

create index follow_up_blocked on vidhuk.follow_up (action, contact_id, source, occurred_at, activity_key) where blocked;

create index follow_up_order on vidhuk.follow_up (action, contact_id, occurred_at) where state in ('waiting', 'queued');

create index follow_up_queued on vidhuk.follow_up (action, job_id) where state = 'queued';

create index follow_up_contact on vidhuk.follow_up (contact_id, action, created_at) where contact_id is not null;

create index follow_up_stopped on vidhuk.follow_up (action, state) where state in ('failed', 'held');

comment on table vidhuk.follow_up is 'The ledger: what each action has to do, did, or gave up, one row per activity and action';

comment on column vidhuk.follow_up.id is 'Also the id that the receiver sees on every attempt (webhook-id), unless the call is for a group';

comment on column vidhuk.follow_up.action is 'Name of the action in the configuration';

comment on column vidhuk.follow_up.source is 'The configured source (eSputnik account) of the activity';

comment on column vidhuk.follow_up.activity_key is 'The activity in the log, with occurred_at';

comment on column vidhuk.follow_up.occurred_at is 'When the activity happened';

comment on column vidhuk.follow_up.contact_id is 'contactId of the platform';

comment on column vidhuk.follow_up.state is 'waiting: to be done at next_attempt_at; queued: handed to a worker; done; failed: given up; cancelled: by hand; held: maxPerContact held it back; dry-run: recorded only';

comment on column vidhuk.follow_up.attempts is 'Calls made so far';

comment on column vidhuk.follow_up.last_error is 'Why the last call failed, or why the row is held';

comment on column vidhuk.follow_up.created_at is 'When it was planned, in the transaction of its batch';

comment on column vidhuk.follow_up.next_attempt_at is 'Not before this time';

comment on column vidhuk.follow_up.done_at is 'When it came to an end: done, failed or cancelled';

comment on column vidhuk.follow_up.call_id is 'Rows with one call_id go out in one call, on every attempt';

comment on column vidhuk.follow_up.job_id is 'Job in the queue that carries it now';

comment on column vidhuk.follow_up.claimed_at is 'When it was handed to the queue';

comment on column vidhuk.follow_up.blocked is 'Waits for an earlier activity of the same contact to come to its end, and is not looked at until then';

comment on column vidhuk.follow_up.activity is 'The activity as the handler gets it';

comment on column vidhuk.follow_up.contact is 'The row of contact_status when the follow-up was planned';

comment on column vidhuk.follow_up.previous is 'The row of contact_status before the batch, for actions with becomes';

create table vidhuk.action_state (
    action          text        not null primary key,
    disabled_at     timestamptz,
    disabled_reason text,
    failures        integer     not null default 0,
    opened          integer     not null default 0,
    blocked_until   timestamptz,
    allowed         integer,
    updated_at      timestamptz not null default now()
  );

comment on table vidhuk.action_state is 'What all workers know of an action: whether it is disabled, and its circuit breaker';

comment on column vidhuk.action_state.action is 'Name of the action in the configuration';

comment on column vidhuk.action_state.disabled_at is 'When it was disabled, by hand or by an answer 410; null: enabled, unless the configuration says otherwise';

comment on column vidhuk.action_state.disabled_reason is 'Why it was disabled';

comment on column vidhuk.action_state.failures is 'Calls in a row that found the endpoint unavailable';

comment on column vidhuk.action_state.opened is 'How often the breaker opened since the endpoint last was well; the next pause doubles with it';

comment on column vidhuk.action_state.blocked_until is 'No calls before this time';

comment on column vidhuk.action_state.allowed is 'Calls allowed at once while the endpoint recovers: 1 is the probe, doubled with each success; null: no limit';

comment on column vidhuk.action_state.updated_at is 'When this row last changed';

alter table vidhuk.follow_up drop constraint follow_up_activity_key_action_key;

comment on column vidhuk.follow_up.id is 'Made of activity and action. Also the id that the receiver sees on every attempt (webhook-id), unless the call is for a group';

create type vidhuk.activity_input as (occurred_at timestamptz, activity_key uuid, batch_id uuid, contact_id bigint, message_id bigint, message_instance_id bigint,
    broadcast_id bigint, workflow_id bigint, position integer, hard_bounce boolean, source text, status text, media_type text, iid text, workflow_instance_id text,
    status_description text, click_event_link text, subscriptions text[]);

create type vidhuk.contact_input as (source text, contact_id bigint, email text, email_at timestamptz, phone text, phone_at timestamptz, external_customer_id text,
    external_customer_id_at timestamptz, subscriptions text[], subscriptions_at timestamptz, reachable text[], 
  last_sent_at timestamptz, last_delivered_at timestamptz, last_undelivered_at timestamptz, last_opened_at timestamptz, last_clicked_at timestamptz,
  spam_reported_at timestamptz, last_activity_at timestamptz,
    opted_out_at timestamptz, resubscribed_at timestamptz, first_activity_at timestamptz);

create type vidhuk.channel_input as (source text, contact_id bigint, media_type text, address text, address_at timestamptz, former_addresses text[],
    blacklist_reason text, 
  last_sent_at timestamptz, last_delivered_at timestamptz, last_undelivered_at timestamptz, last_opened_at timestamptz, last_clicked_at timestamptz,
  spam_reported_at timestamptz, last_activity_at timestamptz, blacklisted_at timestamptz, unsubscribed_at timestamptz, first_activity_at timestamptz);

create type vidhuk.batch_input as (id uuid, source text, origin text, received_at timestamptz, body bytea, bytes integer, total integer, "new" integer, duplicate integer,
    rejected integer);

create type vidhuk.rejection_input as (source text, batch_id uuid, position integer, reason text, detail text, contact_id bigint, moves_flag boolean, raw text,
    raw_bytes integer);

create table vidhuk.workflow_request (
    id                   uuid        not null,
    source               text        not null,
    hook                 text        not null,
    received_at          timestamptz not null,
    processed_at         timestamptz not null default now(),
    method               text        not null check (method in ('GET', 'POST')),
    query                jsonb       not null,
    content_type         text,
    body                 bytea       not null,
    contact_id           bigint,
    external_customer_id text,
    email                text,
    phone                text,
    workflow_instance_id text,
    primary key (id, received_at)
  ) partition by range (received_at);

create table vidhuk.workflow_request_default partition of vidhuk.workflow_request default;

create index workflow_request_instance on vidhuk.workflow_request (workflow_instance_id) where workflow_instance_id is not null;

create table vidhuk.workflow_request_key (
    key         uuid        not null primary key,
    request_id  uuid        not null,
    received_at timestamptz not null
  );

create index workflow_request_key_received_at on vidhuk.workflow_request_key using brin (received_at);

comment on function vidhuk.ensure_partition is 'Makes the monthly partition of batch, activity or workflow_request if it is missing; rows of that month that wait in the default partition move into it';

comment on table vidhuk.workflow_request is 'Requests of the block "Webhook" of workflows, each once; joined to activity by workflow_instance_id';

comment on column vidhuk.workflow_request.id is 'UUID version 7, given on receipt; the answer to the workflow holds it';

comment on column vidhuk.workflow_request.source is 'The configured source (eSputnik account) it came from';

comment on column vidhuk.workflow_request.hook is 'Name under workflows of the source in the configuration';

comment on column vidhuk.workflow_request.received_at is 'When the ingress had the body, before it answered 200';

comment on column vidhuk.workflow_request.processed_at is 'When it was written here';

comment on column vidhuk.workflow_request.method is 'GET or POST';

comment on column vidhuk.workflow_request.query is 'Its query by name, without the token; a name that came several times has a list. NUL characters are U+FFFD';

comment on column vidhuk.workflow_request.content_type is 'The header Content-Type as received';

comment on column vidhuk.workflow_request.body is 'The bytes as received (decompressed)';

comment on column vidhuk.workflow_request.contact_id is 'contactId, as far as query or body names one';

comment on column vidhuk.workflow_request.external_customer_id is 'externalCustomerId, likewise';

comment on column vidhuk.workflow_request.email is 'email, likewise';

comment on column vidhuk.workflow_request.phone is 'phone, likewise';

comment on column vidhuk.workflow_request.workflow_instance_id is 'workflowInstanceId, likewise: one run of the workflow for one contact; UUIDs in lower case';

comment on table vidhuk.workflow_request_key is 'Which requests of workflows are known: one row for each, by what tells it from others';

comment on column vidhuk.workflow_request_key.key is 'Identity of the request: source, hook, run of the workflow, method, query and body (with "once" not the last three); without a run its id';

comment on column vidhuk.workflow_request_key.request_id is 'The request that came first';

comment on column vidhuk.workflow_request_key.received_at is 'received_at of that request';

create type vidhuk.workflow_request_input as (key uuid, id uuid, source text, hook text, received_at timestamptz, method text, query text,
    content_type text, body bytea, contact_id bigint, external_customer_id text, email text, phone text, workflow_instance_id text);

grant select on vidhuk.workflow_request to vidhuk_support;

create table vidhuk.reconcile_run (
    id          bigint generated always as identity primary key,
    source      text        not null,
    road        text        not null check (road in ('pull', 'export', 'file')),
    scheduled   boolean     not null,
    dry_run     boolean     not null,
    period_from timestamptz,
    period_to   timestamptz,
    read_until  timestamptz,
    began_at    timestamptz not null default now(),
    ended_at    timestamptz,
    state       text        not null check (state in ('running', 'complete', 'incomplete', 'failed', 'abandoned')),
    rejected    bigint      not null default 0,
    unread      jsonb       not null default '[]',
    problem     text
  );

create index reconcile_run_latest on vidhuk.reconcile_run (source, road, id desc);

create table vidhuk.drift (
    run_id bigint not null references vidhuk.reconcile_run (id) on delete cascade,
    day    date   not null,
    status text   not null,
    kind   text   not null,
    count  bigint not null,
    primary key (run_id, day, status, kind)
  );

comment on table vidhuk.reconcile_run is 'One row per comparison of the log with one road: the API (pull), the export of the platform, a file';

comment on column vidhuk.reconcile_run.id is 'Ascends with time';

comment on column vidhuk.reconcile_run.source is 'The configured source (eSputnik account)';

comment on column vidhuk.reconcile_run.road is 'pull, export or file';

comment on column vidhuk.reconcile_run.scheduled is 'By itself, every reconcile.every; false: by command';

comment on column vidhuk.reconcile_run.dry_run is 'Nothing was to be added';

comment on column vidhuk.reconcile_run.period_from is 'Activities from this time; null: all that a file had';

comment on column vidhuk.reconcile_run.period_to is 'and before this time; where the next scheduled run begins, less reconcile.overlap, if this one is complete';

comment on column vidhuk.reconcile_run.read_until is 'So far it has come: a run that was cut off goes on here';

comment on column vidhuk.reconcile_run.began_at is 'When it began';

comment on column vidhuk.reconcile_run.ended_at is 'When it ended; null while it runs, and where it was cut off';

comment on column vidhuk.reconcile_run.state is 'running; complete; incomplete: something could not be read; failed: see problem; abandoned: cut off, and another period was asked for';

comment on column vidhuk.reconcile_run.rejected is 'Elements that are not sound, see rejected_activity';

comment on column vidhuk.reconcile_run.unread is 'What could not be read, as [{from, to, reason}]: nothing is known about it';

comment on column vidhuk.reconcile_run.problem is 'Why it failed, or why what it has added could not be counted';

comment on table vidhuk.drift is 'What a run found, by day and status';

comment on column vidhuk.drift.run_id is 'The run, see reconcile_run';

comment on column vidhuk.drift.day is 'Of the activities, in UTC';

comment on column vidhuk.drift.status is 'Of the activities; of the kinds contact_… empty';

comment on column vidhuk.drift.kind is 'theirs; ours: what the log had of the period; added; enriched: known, and more is known now; missing: theirs that are still not in the log; only_ours; contact_…: contacts of whom an export says something else than contact_status';

comment on column vidhuk.drift.count is 'How many';


  create or replace view vidhuk.address_status as
    select media_type, address, bool_and(may_write) as may_write, bool_or(blacklisted) as blacklisted, bool_or(unsubscribed) as unsubscribed,
      count(*) as contacts, array_agg(distinct contact_id order by contact_id) as contact_ids
    from (
      select contact_id, media_type, lower(address) as address, may_write, blacklisted, unsubscribed from vidhuk.contact_channel_status
      where address is not null
      union all
      select contact_id, media_type, lower(former), may_write, blacklisted, unsubscribed
      from vidhuk.contact_channel_status, unnest(former_addresses) as former where former_addresses is not null
      union all
      select contact_id, 'email', lower(email), not unsubscribed, false, unsubscribed from vidhuk.contact_status c
      where email is not null and not exists (
        select from vidhuk.contact_channel_status as channel
        where channel.source = c.source and channel.contact_id = c.contact_id and channel.media_type = 'email')
    ) as known
    group by media_type, address;

comment on column vidhuk.address_status.contact_ids is 'Their contactIds: more than one may be one person, for the platform merges contacts without telling';

create table vidhuk.projection_rule (
    nth           integer not null primary key,
    version       integer not null,
    status        text,
    hard_bounce   boolean,
    subscriptions text check (subscriptions in ('some', 'none')),
    moves         text    not null,
    keeps         text    not null check (keeps in ('latest', 'earliest')),
    of_contact    boolean not null,
    of_channel    boolean not null,
    about_contact boolean not null,
    words         text    not null
  );

create table vidhuk.projection (
    id            boolean     not null primary key default true check (id),
    rules_version integer     not null,
    rebuilt_at    timestamptz
  );

create table vidhuk.erased (
    id         bigint generated always as identity primary key,
    source     text        not null,
    kind       text        not null check (kind in ('contact', 'address')),
    hash       bytea       not null,
    key_check  bytea       not null,
    erased_at  timestamptz not null default now(),
    unique (source, kind, hash)
  );

create table vidhuk.act (
    id      bigint generated always as identity primary key,
    done_at timestamptz not null default now(),
    who     text        not null,
    command text        not null,
    detail  jsonb       not null default '{}'
  );

alter table vidhuk.batch add column erased integer not null default 0;

create index follow_up_planned on vidhuk.follow_up using brin (created_at) with (pages_per_range = 32, autosummarize = on);

create function vidhuk.explain(source text, contact_id bigint) returns table (
    scope text, what text, value text, agrees boolean, occurred_at timestamptz, status text, media_type text, message_id bigint, reason text, rule text, tie text,
    changes text, activity_key uuid, batch_id uuid, origin text, received_at timestamptz)
  language sql stable as $explain$
  with person as (
    select p.*, coalesce(s.opt_in_ends_unsubscribed, true) as ends_unsubscribed, coalesce(s.opt_in_ends_complaint, false) as ends_complaint,
      case when p.opted_out_at >= coalesce(p.resubscribed_at, '-infinity') then p.opted_out_at end as left_at
    from vidhuk.contact_status p left join vidhuk.source s on s.source = p.source
    where p.source = $1 and p.contact_id = $2
  ), held as (
    select c.*, p.resubscribed_at, p.opted_out_at as contact_opted_out_at, p.left_at, p.ends_unsubscribed, p.ends_complaint,
      c.blacklisted_at is not null and c.blacklisted_at >= coalesce(c.last_delivered_at, '-infinity') as is_blacklisted,
      case when not p.ends_unsubscribed or c.unsubscribed_at >= coalesce(p.resubscribed_at, '-infinity') then c.unsubscribed_at end as unsubscribe_holds_at,
      case when not p.ends_complaint or c.spam_reported_at >= coalesce(p.resubscribed_at, '-infinity') then c.spam_reported_at end as complaint_holds_at
    from vidhuk.contact_channel_status c cross join person p
    where c.source = $1 and c.contact_id = $2
  ), channel as (
    select held.*,
      case greatest(left_at, unsubscribe_holds_at, complaint_holds_at)
        when complaint_holds_at then 'spam_reported_at' when unsubscribe_holds_at then 'unsubscribed_at' when left_at then 'opted_out_at' end as opted_out_by,
      array_remove(array[left_at, case when ends_unsubscribed then unsubscribe_holds_at end, case when ends_complaint then complaint_holds_at end], null) as endable
    from held
  ), blocked as (
    select * from channel where is_blacklisted order by blacklisted_at desc, blacklist_reason collate "C" desc nulls last limit 1
  ), opted_out as (
    select * from (
      select null::text as media_type, 'opted_out_at' as what, left_at as at from person where left_at is not null
      union all
      select case when opted_out_by <> 'opted_out_at' then media_type end, opted_out_by, greatest(left_at, unsubscribe_holds_at, complaint_holds_at)
      from channel where opted_out_by is not null
    ) as each order by at desc, media_type nulls first limit 1
  ), flag(nth, scope, what, value, stored, by_scope, by_what, rule, tie, changes) as (
  select 1, null::text, 'blacklisted', (b.media_type is not null)::text, p.blacklisted::text, b.media_type, case when b.media_type is not null then 'blacklisted_at' end,
    'blacklisted while any channel is', null, case when b.media_type is not null then 'every blacklisted channel delivered to later'
      else 'an UNDELIVERED with hardBounce through any channel' end
  from person p left join blocked b on true
  union all
  select 2, null, 'unsubscribed', (o.at is not null)::text, p.unsubscribed::text, o.media_type, o.what,
    'unsubscribed while opted out of any channel, or of all subscriptions', null,
    case when o.at is not null then 'the end of every opt-out: see unsubscribed of each channel' || case when p.left_at is not null then ', and ' || 'a SUBSCRIPTION_CHANGED to at least one subscription after ' || to_char(p.left_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') else '' end
      else 'an UNSUBSCRIBED or a SPAM in any channel, or a SUBSCRIPTION_CHANGED to no subscription' end
  from person p left join opted_out o on true
  union all
  select 3, null, 'reachable', array_to_string(coalesce((select array_agg(c.media_type order by c.media_type collate "C") from channel c where not c.is_blacklisted and c.opted_out_by is null), '{}'), ', '), array_to_string(p.reachable, ', '), null, null,
    'the channels that may be written to, sorted', null, 'may_write of a channel, or the first activity of a new one'
  from person p
  union all
  select 4, null, 'blacklisted_at', to_char(b.blacklisted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), to_char(p.blacklisted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), b.media_type, 'blacklisted_at',
    'blacklisted_at of the channel that is blacklisted now, and was so last', null, null
  from person p left join blocked b on true
  union all
  select 4, null, 'blacklist_reason', b.blacklist_reason, p.blacklist_reason, b.media_type, 'blacklisted_at', 'what was said at blacklisted_at', null, null
  from person p left join blocked b on true
  union all
  select 4, null, 'unsubscribed_at', to_char(o.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), to_char(p.unsubscribed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), o.media_type, o.what,
    'the latest opt-out that holds now, of any channel or of all subscriptions', null, null
  from person p left join opted_out o on true
  union all 
  select 1, c.media_type, 'may_write', (not c.is_blacklisted and c.opted_out_by is null)::text, c.may_write::text,
    case when c.is_blacklisted or c.opted_out_by <> 'opted_out_at' then c.media_type end,
    case when c.is_blacklisted then 'blacklisted_at' else c.opted_out_by end,
    'may be written to while neither blacklisted nor unsubscribed', null,
    case when c.is_blacklisted or c.opted_out_by is not null then concat_ws('; and ', case when c.is_blacklisted then 'a DELIVERED through this channel after ' || to_char(c.blacklisted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') end, nullif(concat_ws(', and ',
  case when c.opted_out_by is not null and greatest(c.left_at, c.unsubscribe_holds_at, c.complaint_holds_at) = any(c.endable)
    then 'a SUBSCRIPTION_CHANGED to at least one subscription after ' || to_char((select max(at) from unnest(c.endable) as at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') end,
  case when c.unsubscribe_holds_at is not null and not c.ends_unsubscribed then 'nothing: optIn.endsUnsubscribed of the source is false, so no choice ends an UNSUBSCRIBED' end,
  case when c.complaint_holds_at is not null and not c.ends_complaint then 'nothing: optIn.endsComplaint of the source is false, so no choice ends a complaint (SPAM)' end), ''))
      else 'an UNDELIVERED with hardBounce' || case when c.last_delivered_at is null then '' else ' at or after ' || to_char(c.last_delivered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') end || ', ' || 'an UNSUBSCRIBED or a SPAM in this channel' || case when c.resubscribed_at is null then '' else ' at or after ' || to_char(c.resubscribed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') end
  || ', or a SUBSCRIPTION_CHANGED to no subscription' || case when c.resubscribed_at is null then '' else ' at or after ' || to_char(c.resubscribed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') end end
  from channel c
  union all
  select 2, c.media_type, 'blacklisted', c.is_blacklisted::text, c.blacklisted::text, c.media_type,
    case when c.is_blacklisted then 'blacklisted_at' when c.blacklisted_at is not null then 'last_delivered_at' end,
    'blacklisted while blacklisted_at is not before last_delivered_at: nothing is sent past the blacklist, so a later delivery ends it', case when c.blacklisted_at = c.last_delivered_at then 'blacklisted and delivered at the same moment: the safe side wins, it stays blacklisted' end, case when c.is_blacklisted then 'a DELIVERED through this channel after ' || to_char(c.blacklisted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') else 'an UNDELIVERED with hardBounce' || case when c.last_delivered_at is null then '' else ' at or after ' || to_char(c.last_delivered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') end end
  from channel c
  union all
  select 3, c.media_type, 'unsubscribed', (c.opted_out_by is not null)::text, c.unsubscribed::text,
    case when c.opted_out_by <> 'opted_out_at' then c.media_type end,
    case when c.opted_out_by is not null then c.opted_out_by
      when coalesce(c.unsubscribed_at, c.spam_reported_at, c.contact_opted_out_at) is not null then 'resubscribed_at' end,
    'unsubscribed while an opt-out holds: UNSUBSCRIBED, a complaint (SPAM), or all subscriptions given up. A later choice of a subscription ends it'
  || case when c.ends_unsubscribed then '' else ', but not UNSUBSCRIBED (optIn.endsUnsubscribed)' end
  || case when c.ends_complaint then ', a complaint too (optIn.endsComplaint)' else ', but not a complaint' end, case when greatest(c.left_at, c.unsubscribe_holds_at, c.complaint_holds_at) = c.resubscribed_at
  then 'opted out and chose a subscription at the same moment: the safe side wins, the opt-out stays' end, case when c.opted_out_by is not null then concat_ws(', and ',
  case when c.opted_out_by is not null and greatest(c.left_at, c.unsubscribe_holds_at, c.complaint_holds_at) = any(c.endable)
    then 'a SUBSCRIPTION_CHANGED to at least one subscription after ' || to_char((select max(at) from unnest(c.endable) as at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') end,
  case when c.unsubscribe_holds_at is not null and not c.ends_unsubscribed then 'nothing: optIn.endsUnsubscribed of the source is false, so no choice ends an UNSUBSCRIBED' end,
  case when c.complaint_holds_at is not null and not c.ends_complaint then 'nothing: optIn.endsComplaint of the source is false, so no choice ends a complaint (SPAM)' end) else 'an UNSUBSCRIBED or a SPAM in this channel' || case when c.resubscribed_at is null then '' else ' at or after ' || to_char(c.resubscribed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') end
  || ', or a SUBSCRIPTION_CHANGED to no subscription' || case when c.resubscribed_at is null then '' else ' at or after ' || to_char(c.resubscribed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') end end
  from channel c
  ), logged as materialized (
    select a.occurred_at, a.activity_key, a.batch_id, a.status, a.media_type, a.message_id, a.status_description, a.subscriptions, a.hard_bounce,
      case when cardinality(a.subscriptions) > 0 then 'some' when cardinality(a.subscriptions) = 0 then 'none' end as subscribed_to,
      exists (select from vidhuk.projection_rule r where r.about_contact and r.status = a.status) as about_contact
    from vidhuk.activity a where a.source = $1 and a.contact_id = $2
  ), moved as (
    select null::text as scope, r.moves as what, r.keeps, a.*
    from logged a join vidhuk.projection_rule r on r.of_contact and coalesce(r.status, a.status) = a.status
      and (r.hard_bounce is null or r.hard_bounce = a.hard_bounce) and (r.subscriptions is null or r.subscriptions = a.subscribed_to)
    union all
    select a.media_type, r.moves, r.keeps, a.*
    from logged a join vidhuk.projection_rule r on r.of_channel and coalesce(r.status, a.status) = a.status
      and (r.hard_bounce is null or r.hard_bounce = a.hard_bounce) and (r.subscriptions is null or r.subscriptions = a.subscribed_to)
    where a.media_type is not null and not a.about_contact
    union all
    select null, 'subscriptions', 'latest', a.* from logged a where a.subscriptions is not null
  ), decided as (
    select distinct on (scope, what) *, count(*) over (partition by scope, what, occurred_at) as at_once from moved
    order by scope, what, case when keeps = 'earliest' then occurred_at end, occurred_at desc, subscriptions desc nulls last,
      coalesce(status_description, '') collate "C" desc, activity_key
  ), known as (
    select null::text as scope, to_jsonb(p) as held from person p
    union all select media_type, to_jsonb(c) from channel c
  ), moment as (
    select known.scope, r.what, r.keeps, r.words, (known.held ->> r.what)::timestamptz as at, known.held
    from known cross join (
      select moves as what, keeps, of_contact, of_channel, string_agg(words, ' or ' order by nth) as words
      from vidhuk.projection_rule group by moves, keeps, of_contact, of_channel
    ) as r
    where case when known.scope is null then r.of_contact else r.of_channel end
  ), explained as (
    select case when f.scope is null then 0 else 1 end as part, f.nth, f.scope, f.what, f.value, f.value is not distinct from f.stored as agrees,
      f.rule, f.tie, f.changes, f.by_scope, f.by_what
    from flag f
    union all
    select case when m.scope is null then 0 else 1 end, 5, m.scope, m.what, to_char(m.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      m.at is not distinct from d.occurred_at, m.what || ' is the time of the ' || m.keeps || ' ' || m.words,
      case when d.at_once > 1 and d.occurred_at = m.at then d.at_once || ' activities at that moment say so: any of them would do' end,
      case m.keeps when 'earliest' then 'an activity before it' else case when m.at is null then 'the first ' else 'a later ' end || m.words end,
      m.scope, m.what
    from moment m left join decided d on d.scope is not distinct from m.scope and d.what = m.what
    union all
    select 1, 6, c.media_type, 'blacklist_reason', c.blacklist_reason, d.status_description is not distinct from c.blacklist_reason,
      'what was said at blacklisted_at', case when d.at_once > 1 then 'of several at that moment the greatest by bytes' end, null, c.media_type, 'blacklisted_at'
    from channel c left join decided d on d.scope = c.media_type and d.what = 'blacklisted_at'
    where c.blacklisted_at is not null
    union all
    select 0, 6, null, 'subscriptions', array_to_string(p.subscriptions, ', '), d.subscriptions is not distinct from p.subscriptions,
      'the list of the latest SUBSCRIPTION_CHANGED that names one', case when d.at_once > 1 then 'of several at that moment the greatest by bytes' end,
      'a SUBSCRIPTION_CHANGED' || case when p.subscriptions_at is null then '' else ' after ' || to_char(p.subscriptions_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') end, null, 'subscriptions'
    from person p left join decided d on d.scope is null and d.what = 'subscriptions'
  )
  select coalesce(e.scope, 'contact'), e.what, e.value, e.agrees, d.occurred_at, d.status, d.media_type, d.message_id, d.status_description, e.rule, e.tie,
    e.changes, d.activity_key, d.batch_id, b.origin, b.received_at
  from explained e
  left join decided d on d.scope is not distinct from e.by_scope and d.what = e.by_what and e.value is not null
  left join vidhuk.batch b on b.id = d.batch_id
  order by e.part, e.scope collate "C", e.nth, e.what $explain$;

comment on table vidhuk.projection_rule is 'What moves what, as the fold goes by it: written by the worker at its start, read by explain()';

comment on column vidhuk.projection_rule.nth is 'Place in the list';

comment on column vidhuk.projection_rule.version is 'Version of the rules';

comment on column vidhuk.projection_rule.status is 'Of activities with this status; null: whatever status they have';

comment on column vidhuk.projection_rule.hard_bounce is 'Only where hard_bounce is so; null: either way';

comment on column vidhuk.projection_rule.subscriptions is 'Only where there are some subscriptions, or none; null: either way';

comment on column vidhuk.projection_rule.moves is 'The column that it moves';

comment on column vidhuk.projection_rule.keeps is 'Whether the column is the latest time or the earliest';

comment on column vidhuk.projection_rule.of_contact is 'Whether contact_status has that column by this rule';

comment on column vidhuk.projection_rule.of_channel is 'Whether contact_channel_status has';

comment on column vidhuk.projection_rule.about_contact is 'Whether activities with this status are about the contact, whatever channel they name';

comment on column vidhuk.projection_rule.words is 'Which activities, in words';

comment on table vidhuk.projection is 'How the projections were made; one row';

comment on column vidhuk.projection.id is 'Always true';

comment on column vidhuk.projection.rules_version is 'Version of the rules by which they were made; a worker with newer ones says that a rebuild is due';

comment on column vidhuk.projection.rebuilt_at is 'When all of them were last made again from the bodies';

comment on table vidhuk.erased is 'Tombstones: who was erased and must not come back; no id and no address in clear';

comment on column vidhuk.erased.id is 'Ascending: workers look whether there are new ones';

comment on column vidhuk.erased.source is 'The configured source (eSputnik account) in which they were erased';

comment on column vidhuk.erased.kind is 'contact: hash is of a contact id; address: of an address, phone number, token or external id';

comment on column vidhuk.erased.hash is 'HMAC-SHA-256 by ERASE_KEY';

comment on column vidhuk.erased.key_check is 'Tells which key it was, not what it is';

comment on column vidhuk.erased.erased_at is 'When';

comment on table vidhuk.act is 'Who did what by the command line; without personal data';

comment on column vidhuk.act.id is 'Ascending';

comment on column vidhuk.act.done_at is 'When';

comment on column vidhuk.act.who is 'User of the machine and of the database';

comment on column vidhuk.act.command is 'What was done';

comment on column vidhuk.act.detail is 'How much of it, and in which source';

comment on column vidhuk.batch.erased is 'Elements of erased people: kept without what they say of them';

comment on function vidhuk.explain is 'Why a contact is as it is: for each flag and time of contact and channels the activity that decided it, the rule, and what would change it';

grant select (id, source, origin, received_at) on vidhuk.batch to vidhuk_support;

grant select on vidhuk.source, vidhuk.projection_rule, vidhuk.projection to vidhuk_support;

insert into vidhuk.migration (timestamp, name) values (1700000000001, 'Pipeline1700000000001');

insert into vidhuk.migration (timestamp, name) values (1700000000002, 'FollowUp1700000000002');

insert into vidhuk.migration (timestamp, name) values (1700000000003, 'FollowUpId1700000000003');

insert into vidhuk.migration (timestamp, name) values (1700000000004, 'RowTypes1700000000004');

insert into vidhuk.migration (timestamp, name) values (1700000000005, 'Workflow1700000000005');

insert into vidhuk.migration (timestamp, name) values (1700000000006, 'Reconcile1700000000006');

insert into vidhuk.migration (timestamp, name) values (1700000000007, 'History1700000000007');
