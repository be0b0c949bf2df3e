/** What was compared with the platform's other roads, and what came of it. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

const statements = [
  `create table vidhuk.reconcile_run (
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
  )`,
  `create index reconcile_run_latest on vidhuk.reconcile_run (source, road, id desc)`,
  `create table vidhuk.drift (
    run_id bigint not null references vidhuk.reconcile_run (id) on delete cascade,
    day    date   not null,
    status text   not null,
    kind   text   not null,
    count  bigint not null,
    primary key (run_id, day, status, kind)
  )`,
];

/** As in the first migration; `contact_ids` at its end. */
const addressStatus = (contactIds: boolean) => `
  create view vidhuk.address_status as
    select media_type, address, bool_and(may_write) as may_write, bool_or(blacklisted) as blacklisted, bool_or(unsubscribed) as unsubscribed,
      count(*) as contacts${contactIds ? ', array_agg(distinct contact_id order by contact_id) as contact_ids' : ''}
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
    group by media_type, address`;

const comments: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  reconcile_run: {
    '': 'One row per comparison of the log with one road: the API (pull), the export of the platform, a file',
    id: 'Ascends with time',
    source: 'The configured source (eSputnik account)',
    road: 'pull, export or file',
    scheduled: 'By itself, every reconcile.every; false: by command',
    dry_run: 'Nothing was to be added',
    period_from: 'Activities from this time; null: all that a file had',
    period_to: 'and before this time; where the next scheduled run begins, less reconcile.overlap, if this one is complete',
    read_until: 'So far it has come: a run that was cut off goes on here',
    began_at: 'When it began',
    ended_at: 'When it ended; null while it runs, and where it was cut off',
    state:
      'running; complete; incomplete: something could not be read; failed: see problem; abandoned: cut off, and another period was asked for',
    rejected: 'Elements that are not sound, see rejected_activity',
    unread: 'What could not be read, as [{from, to, reason}]: nothing is known about it',
    problem: 'Why it failed, or why what it has added could not be counted',
  },
  drift: {
    '': 'What a run found, by day and status',
    run_id: 'The run, see reconcile_run',
    day: 'Of the activities, in UTC',
    status: 'Of the activities; of the kinds contact_… empty',
    kind: 'theirs; ours: what the log had of the period; added; enriched: known, and more is known now; missing: theirs that are still not in the log; only_ours; erased: theirs of people who were erased; contact_…: contacts of whom an export says something else than contact_status',
    count: 'How many',
  },
};

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const commentStatements = Object.entries(comments).flatMap(([table, columns]) =>
  Object.entries(columns).map(
    ([column, comment]) =>
      `comment on ${column === '' ? `table vidhuk.${table}` : `column vidhuk.${table}.${column}`} is ${quoted(comment)}`,
  ),
);

export class Reconcile1700000000006 implements MigrationInterface {
  readonly name = 'Reconcile1700000000006';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...statements, ...commentStatements]) await runner.query(statement);
    await runner.query(addressStatus(true).replace('create view', 'create or replace view'));
    await runner.query(
      `comment on column vidhuk.address_status.contact_ids is 'Their contactIds: more than one may be one person, for the platform merges contacts without telling'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table vidhuk.drift, vidhuk.reconcile_run');
    await runner.query('drop view vidhuk.address_status');
    await runner.query(addressStatus(false));
  }
}
