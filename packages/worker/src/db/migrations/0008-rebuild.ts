/** How far a rebuild is, and how far what a migration does to the rows of a large table: both go on after a crash where they were. */
import type { QueryRunner } from 'typeorm';
import type { MigrationStep, PlannedMigration } from '../kit/planned-migration.js';

const statements = [
  `create table vidhuk.rebuild (
    id            bigint generated always as identity primary key,
    state         text        not null check (state in ('running', 'done', 'cancelled')),
    check_only    boolean     not null,
    source        text,
    contexts      jsonb       not null,
    opt_in        jsonb       not null,
    rules_version integer     not null,
    log_from      timestamptz,
    began_at      timestamptz not null default now(),
    ended_at      timestamptz,
    paused_ms     integer
  )`,
  `create unique index rebuild_running on vidhuk.rebuild ((true)) where state = 'running'`,
  `create table vidhuk.rebuild_slice (
    rebuild_id bigint  not null references vidhuk.rebuild (id) on delete cascade,
    nth        integer not null,
    kind       text    not null check (kind in ('copy-log', 'copy-contacts', 'bodies', 'log', 'late')),
    source     text,
    first      text    not null,
    last       text    not null,
    elements   integer not null,
    done_at    timestamptz,
    problem    text,
    primary key (rebuild_id, nth)
  )`,
  `create index rebuild_slice_open on vidhuk.rebuild_slice (rebuild_id, kind, nth) where done_at is null`,
  `create table vidhuk.backfill (
    name       text        not null primary key,
    after      text,
    done       bigint      not null default 0,
    total      bigint      not null,
    began_at   timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    ended_at   timestamptz
  )`,
];

const comments: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  rebuild: {
    '': 'One row per "vidhuk rebuild": log and statuses made again from the bodies, beside the tables, and then put in their place',
    id: 'Ascends with time',
    state: 'running: under way, or cut off, and then the same command goes on; done; cancelled',
    check_only: 'Only compared: the tables stayed as they were',
    source: 'Only of this source; null: of all',
    contexts: 'By source: the time zone and maxAhead by which its bodies are read',
    opt_in: 'By source: the settings by which the flags were decided',
    rules_version: 'Version of the rules by which they are made',
    log_from: 'Where the log began then; null: it went back for ever',
    began_at: 'When it began',
    ended_at: 'When it ended; null while it is under way',
    paused_ms: 'How long batches waited at its end, in ms',
  },
  rebuild_slice: {
    '': 'The pieces of a rebuild, each done by any worker; they go when it ends',
    rebuild_id: 'The rebuild',
    nth: 'Which piece, from 1',
    kind: 'bodies: batches that are put through the code of the feed; log: activities whose bodies are gone, which are kept; copy-log, copy-contacts: of other sources; late: batches that came meanwhile',
    source: 'Of copy-contacts: the source',
    first: 'Where it begins: a batch, a time or a contact',
    last: 'Where it ends: the last batch or contact, or the time before which',
    elements: 'How many elements of bodies it has, or rows',
    done_at: 'When it was done; null: not yet',
    problem: 'Why it could not be done when it was last tried; null: it was not, or went well',
  },
  backfill: {
    '': 'What migrations do to all rows of a table, in slices: how far they are',
    name: 'Which one',
    after: 'Key of the last row that is done; null: none is',
    done: 'Rows done',
    total: 'Rows that there were when it began, about',
    began_at: 'When it began',
    updated_at: 'When the latest slice was done',
    ended_at: 'When all were done; null: not yet',
  },
};

const commentStatements = Object.entries(comments).flatMap(([table, columns]) =>
  Object.entries(columns).map(
    ([column, comment]) =>
      `comment on ${column === '' ? `table vidhuk.${table}` : `column vidhuk.${table}.${column}`} is '${comment}'`,
  ),
);

export class Rebuild1700000000008 implements PlannedMigration {
  readonly name = 'Rebuild1700000000008';
  readonly steps: readonly MigrationStep[] = [
    { what: 'tables for rebuilds and backfills', table: null, blocks: 'nobody', eachRow: 'nothing' },
  ];

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...statements, ...commentStatements]) await runner.query(statement);
    await runner.query(
      `comment on column vidhuk.rejected_activity.resolution is 'resubmitted; discarded; erased; rebuilt: sound by the rules or the time zone of today, and in the log by a rebuild'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table vidhuk.rebuild_slice, vidhuk.rebuild, vidhuk.backfill');
    await runner.query(`comment on column vidhuk.rejected_activity.resolution is 'resubmitted or discarded'`);
  }
}
