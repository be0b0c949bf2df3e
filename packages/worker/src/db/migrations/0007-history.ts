/** What explains, rebuilds and erases history: the rules as the database knows them, the function `explain`, tombstones, and who did what. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { explainFunction } from './text/explain.js';

const statements = [
  `create table vidhuk.projection_rule (
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
  )`,
  `create table vidhuk.projection (
    id            boolean     not null primary key default true check (id),
    rules_version integer     not null,
    rebuilt_at    timestamptz
  )`,
  `create table vidhuk.erased (
    id         bigint generated always as identity primary key,
    source     text        not null,
    kind       text        not null check (kind in ('contact', 'address')),
    hash       bytea       not null,
    key_check  bytea       not null,
    erased_at  timestamptz not null default now(),
    unique (source, kind, hash)
  )`,
  `create table vidhuk.act (
    id      bigint generated always as identity primary key,
    done_at timestamptz not null default now(),
    who     text        not null,
    command text        not null,
    detail  jsonb       not null default '{}'
  )`,
  `alter table vidhuk.batch add column erased integer not null default 0`,
  // By time of planning, which is the order on disk: retention finds the old ones, and an insert costs nothing.
  `create index follow_up_planned on vidhuk.follow_up using brin (created_at) with (pages_per_range = 32, autosummarize = on)`,
  explainFunction(),
];

const comments: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  projection_rule: {
    '': 'What moves what, as the fold goes by it: written by the worker at its start, read by explain()',
    nth: 'Place in the list',
    version: 'Version of the rules',
    status: 'Of activities with this status; null: whatever status they have',
    hard_bounce: 'Only where hard_bounce is so; null: either way',
    subscriptions: 'Only where there are some subscriptions, or none; null: either way',
    moves: 'The column that it moves',
    keeps: 'Whether the column is the latest time or the earliest',
    of_contact: 'Whether contact_status has that column by this rule',
    of_channel: 'Whether contact_channel_status has',
    about_contact: 'Whether activities with this status are about the contact, whatever channel they name',
    words: 'Which activities, in words',
  },
  projection: {
    '': 'How the projections were made; one row',
    id: 'Always true',
    rules_version: 'Version of the rules by which they were made; a worker with newer ones says that a rebuild is due',
    rebuilt_at: 'When all of them were last made again from the bodies',
  },
  erased: {
    '': 'Tombstones: who was erased and must not come back; no id and no address in clear',
    id: 'Ascending: workers look whether there are new ones',
    source: 'The configured source (eSputnik account) in which they were erased',
    kind: 'contact: hash is of a contact id; address: of an address, phone number, token or external id',
    hash: 'HMAC-SHA-256 by ERASE_KEY',
    key_check: 'Tells which key it was, not what it is',
    erased_at: 'When',
  },
  act: {
    '': 'Who did what by the command line; without personal data',
    id: 'Ascending',
    done_at: 'When',
    who: 'User of the machine and of the database',
    command: 'What was done',
    detail: 'How much of it, and in which source',
  },
  batch: { erased: 'Elements of erased people: kept without what they say of them' },
};

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const commentStatements = Object.entries(comments).flatMap(([table, columns]) =>
  Object.entries(columns).map(([column, comment]) =>
    column === ''
      ? `comment on table vidhuk.${table} is ${quoted(comment)}`
      : `comment on column vidhuk.${table}.${column} is ${quoted(comment)}`,
  ),
);

const grants = [
  `comment on function vidhuk.explain is 'Why a contact is as it is: for each flag and time of contact and channels the activity that decided it, the rule, and what would change it'`,
  // It runs as whoever asks, so that it can show nobody what they may not read: of the batches support reads by which road they came, never their bodies.
  `grant select (id, source, origin, received_at) on vidhuk.batch to vidhuk_support`,
  `grant select on vidhuk.source, vidhuk.projection_rule, vidhuk.projection to vidhuk_support`,
];

export class History1700000000007 implements MigrationInterface {
  readonly name = 'History1700000000007';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...statements, ...commentStatements, ...grants]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function vidhuk.explain');
    await runner.query('drop index vidhuk.follow_up_planned');
    await runner.query('drop table vidhuk.projection_rule, vidhuk.projection, vidhuk.erased, vidhuk.act');
    await runner.query('revoke select (id, source, origin, received_at) on vidhuk.batch from vidhuk_support');
    await runner.query('revoke select on vidhuk.source from vidhuk_support');
    await runner.query('alter table vidhuk.batch drop column erased');
  }
}
