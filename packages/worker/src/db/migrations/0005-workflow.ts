/** Requests of the block "Webhook" of workflows. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

const statements = [
  `create table vidhuk.workflow_request (
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
  ) partition by range (received_at)`,
  `create table vidhuk.workflow_request_default partition of vidhuk.workflow_request default`,
  `create index workflow_request_instance on vidhuk.workflow_request (workflow_instance_id) where workflow_instance_id is not null`,
  // Not partitioned, because a unique key over partitions holds the time by which they part, and a repetition comes at another one. An advisory lock
  // and a look at the requests of the run would do, too, but for a lock per request in every transaction.
  `create table vidhuk.workflow_request_key (
    key         uuid        not null primary key,
    request_id  uuid        not null,
    received_at timestamptz not null
  )`,
  `create index workflow_request_key_received_at on vidhuk.workflow_request_key using brin (received_at)`,
  `comment on function vidhuk.ensure_partition is 'Makes the monthly partition of batch, activity or workflow_request if it is missing; rows of that month that wait in the default partition move into it'`,
  `comment on table vidhuk.workflow_request is 'Requests of the block "Webhook" of workflows, each once; joined to activity by workflow_instance_id'`,
  ...comments('workflow_request', {
    id: 'UUID version 7, given on receipt; the answer to the workflow holds it',
    source: 'The configured source (eSputnik account) it came from',
    hook: 'Name under workflows of the source in the configuration',
    received_at: 'When the ingress had the body, before it answered 200',
    processed_at: 'When it was written here',
    method: 'GET or POST',
    query: 'Its query by name, without the token; a name that came several times has a list. NUL characters are U+FFFD',
    content_type: 'The header Content-Type as received',
    body: 'The bytes as received (decompressed)',
    contact_id: 'contactId, as far as query or body names one',
    external_customer_id: 'externalCustomerId, likewise',
    email: 'email, likewise',
    phone: 'phone, likewise',
    workflow_instance_id: 'workflowInstanceId, likewise: one run of the workflow for one contact; UUIDs in lower case',
  }),
  `comment on table vidhuk.workflow_request_key is 'Which requests of workflows are known: one row for each, by what tells it from others'`,
  ...comments('workflow_request_key', {
    key: 'Identity of the request: source, hook, run of the workflow, method, query and body (with "once" not the last three); without a run its id',
    request_id: 'The request that came first',
    received_at: 'received_at of that request',
  }),
  // What the rows of a transaction travel in, see db/rows/row-array.ts and 0004.
  `create type vidhuk.workflow_request_input as (key uuid, id uuid, source text, hook text, received_at timestamptz, method text, query text,
    content_type text, body bytea, contact_id bigint, external_customer_id text, email text, phone text, workflow_instance_id text)`,
  `grant select on vidhuk.workflow_request to vidhuk_support`,
];

function comments(table: string, columns: Readonly<Record<string, string>>): string[] {
  return Object.entries(columns).map(([column, comment]) => `comment on column vidhuk.${table}.${column} is '${comment}'`);
}

export class Workflow1700000000005 implements MigrationInterface {
  readonly name = 'Workflow1700000000005';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table vidhuk.workflow_request, vidhuk.workflow_request_key');
    await runner.query('drop type vidhuk.workflow_request_input');
  }
}
