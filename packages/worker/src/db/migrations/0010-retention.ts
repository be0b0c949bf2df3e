/** What is left of months that have gone: floors below the log, its horizon, and how large the database was each day. */
import type { QueryRunner } from 'typeorm';
import type { MigrationStep, PlannedMigration } from '../kit/planned-migration.js';
import { explainFunction } from './text/explain.js';

const times = [
  'last_sent_at',
  'last_delivered_at',
  'last_undelivered_at',
  'last_opened_at',
  'last_clicked_at',
  'spam_reported_at',
];
const ofContact = [...times, 'opted_out_at', 'resubscribed_at'];
const ofChannel = [...times, 'blacklisted_at', 'unsubscribed_at'];
const ends = ['first_activity_at', 'last_activity_at'];
const columns = (names: readonly string[]): string => [...names, ...ends].map((name) => `${name} timestamptz`).join(', ');

const statements = [
  `create table vidhuk.contact_floor (
    source                  text   not null,
    contact_id              bigint not null,
    email                   text,
    email_at                timestamptz,
    phone                   text,
    phone_at                timestamptz,
    external_customer_id    text,
    external_customer_id_at timestamptz,
    subscriptions           text[],
    subscriptions_at        timestamptz,
    ${columns(ofContact)},
    primary key (source, contact_id)
  ) with (fillfactor = 80)`,
  `create table vidhuk.contact_channel_floor (
    source           text   not null,
    contact_id       bigint not null,
    media_type       text   not null,
    address          text,
    address_at       timestamptz,
    former_addresses text[],
    blacklist_reason text,
    ${columns(ofChannel)},
    primary key (source, contact_id, media_type)
  ) with (fillfactor = 80)`,
  `create table vidhuk.horizon (
    id       boolean not null primary key default true check (id),
    log_from timestamptz
  )`,
  `insert into vidhuk.horizon (log_from) values (null)`,
  `create table vidhuk.disk_day (day date not null primary key, bytes bigint not null)`,
  `alter table vidhuk.batch add column expired integer not null default 0`,
  // As of the bodies: it packs and unpacks faster than pglz; some builds of PostgreSQL lack it, and then pglz does. Holds for rows that come from now on.
  `do $$ begin
    alter table vidhuk.follow_up alter column activity set compression lz4, alter column contact set compression lz4, alter column previous set compression lz4;
    alter table vidhuk.rejected_activity alter column raw set compression lz4;
    alter table vidhuk.workflow_request alter column body set compression lz4, alter column query set compression lz4;
    alter table vidhuk.workflow_request_default alter column body set compression lz4, alter column query set compression lz4;
  exception when feature_not_supported then null;
  end $$`,
];

const what = 'of what the log no longer has';
const comments: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  contact_floor: {
    '': 'What activities that are no longer in the log, and bodies that are gone, have left in contact_status',
    source: 'The configured source (eSputnik account) it came from',
    contact_id: 'contactId of the platform',
    email: 'Latest e-mail address of bodies that are gone',
    email_at: 'Time of the activity that email came from',
    phone: 'Latest phone number of bodies that are gone',
    phone_at: 'Time of the activity that phone came from',
    external_customer_id: 'Latest externalCustomerId of bodies that are gone',
    external_customer_id_at: 'Time of the activity that external_customer_id came from',
    subscriptions: `Category keys of the latest SUBSCRIPTION_CHANGED ${what}`,
    subscriptions_at: 'Time of that SUBSCRIPTION_CHANGED',
  },
  contact_channel_floor: {
    '': 'The same of contact_channel_status',
    source: 'The configured source (eSputnik account) it came from',
    contact_id: 'contactId of the platform',
    media_type: 'Channel',
    address: 'Latest address of bodies that are gone',
    address_at: 'Time of the activity that address came from',
    former_addresses: 'Other addresses that it had, up to 50',
    blacklist_reason: 'What the platform said at blacklisted_at',
  },
  horizon: {
    '': 'How far back the log goes; one row',
    id: 'Always true',
    log_from: 'Activities before this time are in no log any more, and are not logged or planned again; null: all are kept',
  },
  disk_day: {
    '': 'How large the database was, a row for each day',
    day: 'In UTC',
    bytes: 'pg_database_size, at the last look of that day',
  },
  batch: { expired: 'Elements from before horizon.log_from: they move statuses, but are neither logged nor planned' },
};
const timeComments = (table: string, names: readonly string[]): string[] =>
  [...names, ...ends].map((name) => `comment on column vidhuk.${table}.${name} is 'As the column of that name, ${what}'`);

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const commentStatements = Object.entries(comments).flatMap(([table, texts]) =>
  Object.entries(texts).map(([column, comment]) =>
    column === ''
      ? `comment on table vidhuk.${table} is ${quoted(comment)}`
      : `comment on column vidhuk.${table}.${column} is ${quoted(comment)}`,
  ),
);

export class Retention1700000000010 implements PlannedMigration {
  readonly name = 'Retention1700000000010';
  readonly steps: readonly MigrationStep[] = [
    { what: 'tables for floors, the horizon and the size of each day', table: null, blocks: 'nobody', eachRow: 'nothing' },
    { what: 'a column for activities from before the horizon', table: 'batch', blocks: 'everybody', eachRow: 'nothing' },
    {
      what: 'texts of follow-ups are compressed by lz4 from now on',
      table: 'follow_up',
      blocks: 'everybody',
      eachRow: 'nothing',
    },
    { what: 'elements in quarantine, too', table: 'rejected_activity', blocks: 'everybody', eachRow: 'nothing' },
    { what: 'bodies of workflow requests, too', table: 'workflow_request', blocks: 'everybody', eachRow: 'nothing' },
  ];

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [
      ...statements,
      ...commentStatements,
      ...timeComments('contact_floor', ofContact),
      ...timeComments('contact_channel_floor', ofChannel),
      explainFunction('with floors').replace('create function', 'create or replace function'),
      `grant select on vidhuk.contact_floor, vidhuk.contact_channel_floor, vidhuk.horizon to vidhuk_support`,
    ])
      await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(explainFunction().replace('create function', 'create or replace function'));
    await runner.query('drop table vidhuk.contact_floor, vidhuk.contact_channel_floor, vidhuk.horizon, vidhuk.disk_day');
    await runner.query('alter table vidhuk.batch drop column expired');
  }
}
