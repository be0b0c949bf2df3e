/** The ledger of follow-up actions. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

const statements = [
  `create table vidhuk.follow_up (
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
  )`,
  `create index follow_up_new on vidhuk.follow_up (action, occurred_at, activity_key) where state = 'waiting' and call_id is null and not blocked`,
  `create index follow_up_again on vidhuk.follow_up (action, next_attempt_at) where state = 'waiting' and call_id is not null and not blocked`,
  `create index follow_up_blocked on vidhuk.follow_up (action, contact_id, source, occurred_at, activity_key) where blocked`,
  `create index follow_up_order on vidhuk.follow_up (action, contact_id, occurred_at) where state in ('waiting', 'queued')`,
  `create index follow_up_queued on vidhuk.follow_up (action, job_id) where state = 'queued'`,
  `create index follow_up_contact on vidhuk.follow_up (contact_id, action, created_at) where contact_id is not null`,
  `create index follow_up_stopped on vidhuk.follow_up (action, state) where state in ('failed', 'held')`,
  `comment on table vidhuk.follow_up is 'The ledger: what each action has to do, did, or gave up, one row per activity and action'`,
  ...comments('follow_up', {
    id: 'Also the id that the receiver sees on every attempt (webhook-id), unless the call is for a group',
    action: 'Name of the action in the configuration',
    source: 'The configured source (eSputnik account) of the activity',
    activity_key: 'The activity in the log, with occurred_at',
    occurred_at: 'When the activity happened',
    contact_id: 'contactId of the platform',
    state:
      'waiting: to be done at next_attempt_at; queued: handed to a worker; done; failed: given up; cancelled: by hand; held: maxPerContact held it back; dry-run: recorded only',
    attempts: 'Calls made so far',
    last_error: 'Why the last call failed, or why the row is held',
    created_at: 'When it was planned, in the transaction of its batch',
    next_attempt_at: 'Not before this time',
    done_at: 'When it came to an end: done, failed or cancelled',
    call_id: 'Rows with one call_id go out in one call, on every attempt',
    job_id: 'Job in the queue that carries it now',
    claimed_at: 'When it was handed to the queue',
    blocked: 'Waits for an earlier activity of the same contact to come to its end, and is not looked at until then',
    activity: 'The activity as the handler gets it',
    contact: 'The row of contact_status when the follow-up was planned',
    previous: 'The row of contact_status before the batch, for actions with becomes',
  }),
  `create table vidhuk.action_state (
    action          text        not null primary key,
    disabled_at     timestamptz,
    disabled_reason text,
    failures        integer     not null default 0,
    opened          integer     not null default 0,
    blocked_until   timestamptz,
    allowed         integer,
    updated_at      timestamptz not null default now()
  )`,
  `comment on table vidhuk.action_state is 'What all workers know of an action: whether it is disabled, and its circuit breaker'`,
  ...comments('action_state', {
    action: 'Name of the action in the configuration',
    disabled_at: 'When it was disabled, by hand or by an answer 410; null: enabled, unless the configuration says otherwise',
    disabled_reason: 'Why it was disabled',
    failures: 'Calls in a row that found the endpoint unavailable',
    opened: 'How often the breaker opened since the endpoint last was well; the next pause doubles with it',
    blocked_until: 'No calls before this time',
    allowed: 'Calls allowed at once while the endpoint recovers: 1 is the probe, doubled with each success; null: no limit',
    updated_at: 'When this row last changed',
  }),
];

function comments(table: string, columns: Readonly<Record<string, string>>): string[] {
  return Object.entries(columns).map(([column, comment]) => `comment on column vidhuk.${table}.${column} is '${comment}'`);
}

export class FollowUp1700000000002 implements MigrationInterface {
  readonly name = 'FollowUp1700000000002';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table vidhuk.follow_up, vidhuk.action_state');
  }
}
