/** What the log and the quarantine must hold, kept in temporary tables of the database session: the comparison is then set-based, and this process needs no memory for it. */
import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { Activity } from '@vidhuk/worker/activity';
import type { LedgerPlace } from './difference.js';
import { ExpectedRequests } from './expected-requests.js';

/** An element that must be in quarantine. */
export interface ExpectedRejection extends LedgerPlace {
  source: string;
  kind: string;
  text: string;
}

/** An activity and where it stands in the ledger; `acknowledged` false: it may be in the log or not. */
export interface ExpectedActivity extends LedgerPlace {
  activity: Activity;
  acknowledged: boolean;
  /** The element's text. */
  text: string;
}

/** How much of the expected is there yet. */
export interface Arrival {
  activities: { expected: number; missing: number };
  rejections: { expected: number; missing: number };
  /** Of the block "Webhook". */
  requests: { expected: number; missing: number };
}

const TABLES = `
  create temporary table expected_activity (
    occurred_at  timestamptz not null,
    activity_key uuid        not null,
    source       text        not null,
    contact_id   bigint,
    status       text        not null,
    media_type   text,
    hard_bounce  boolean     not null,
    acknowledged boolean     not null,
    line         integer     not null,
    position     integer     not null,
    digest       uuid        not null,
    primary key (occurred_at, activity_key)
  );
  create temporary table expected_rejection (
    source   text    not null,
    digest   uuid    not null,
    kind     text    not null,
    line     integer not null,
    position integer not null,
    raw      text    not null,
    primary key (source, digest)
  )`;

const ADD_ACTIVITIES = `
  insert into expected_activity as e
  select * from unnest($1::timestamptz[], $2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::boolean[], $8::boolean[],
    $9::integer[], $10::integer[], $11::uuid[])
  on conflict (occurred_at, activity_key) do update set acknowledged = true where excluded.acknowledged and not e.acknowledged`;

const ADD_REJECTIONS = `
  insert into expected_rejection
  select * from unnest($1::text[], $2::uuid[], $3::text[], $4::integer[], $5::integer[], $6::text[])
  on conflict do nothing`;

const ARRIVAL = `
  select
    (select count(*) from expected_activity where acknowledged)::integer as activities,
    (select count(*) from expected_activity e where acknowledged and not exists (
      select from vidhuk.activity a where a.occurred_at = e.occurred_at and a.activity_key = e.activity_key))::integer as missing_activities,
    (select count(*) from expected_rejection)::integer as rejections,
    (select count(*) from expected_rejection e where not exists (
      select from vidhuk.rejected_activity r where r.source = e.source and md5(r.raw)::uuid = e.digest))::integer as missing_rejections`;

/** The temporary tables of one session. */
export class ExpectedLog {
  readonly #client: ClientBase;

  private constructor(
    client: ClientBase,
    readonly requests: ExpectedRequests,
  ) {
    this.#client = client;
  }

  /** Makes the tables; they go with the connection. Rejects with the driver's error. */
  static async create(client: ClientBase): Promise<ExpectedLog> {
    await client.query(TABLES);
    return new ExpectedLog(client, await ExpectedRequests.create(client));
  }

  async addActivities(expected: readonly ExpectedActivity[]): Promise<void> {
    // One statement must not meet a key twice.
    const byKey = new Map<string, ExpectedActivity>();
    for (const item of expected) if (!byKey.has(item.activity.key)) byKey.set(item.activity.key, item);
    const items = [...byKey.values()];
    const columns = [
      items.map(({ activity }) => new Date(activity.occurredAt).toISOString()),
      items.map(({ activity }) => activity.key),
      items.map(({ activity }) => activity.source),
      items.map(({ activity }) => activity.contactId),
      items.map(({ activity }) => activity.status),
      items.map(({ activity }) => activity.mediaType),
      items.map(({ activity }) => activity.hardBounce),
      items.map(({ acknowledged }) => acknowledged),
      items.map(({ line }) => line),
      items.map(({ position }) => position),
      items.map(({ text }) => digestOf(text)),
    ];
    if (items.length > 0) await this.#client.query(ADD_ACTIVITIES, columns);
  }

  async addRejections(expected: readonly ExpectedRejection[]): Promise<void> {
    const columns = [
      expected.map(({ source }) => source),
      expected.map(({ text }) => digestOf(text)),
      expected.map(({ kind }) => kind),
      expected.map(({ line }) => line),
      expected.map(({ position }) => position),
      expected.map(({ text }) => storable(text)),
    ];
    if (expected.length > 0) await this.#client.query(ADD_REJECTIONS, columns);
  }

  /** To be called once everything was added: without figures the planner would compare row by row. */
  async analyze(): Promise<void> {
    await this.#client.query('analyze expected_activity; analyze expected_rejection');
    await this.requests.analyze();
  }

  async arrival(): Promise<Arrival> {
    const { rows } = await this.#client.query<{
      activities: number;
      missing_activities: number;
      rejections: number;
      missing_rejections: number;
    }>(ARRIVAL);
    const [row] = rows;
    return {
      activities: { expected: row?.activities ?? 0, missing: row?.missing_activities ?? 0 },
      rejections: { expected: row?.rejections ?? 0, missing: row?.missing_rejections ?? 0 },
      requests: await this.requests.arrival(),
    };
  }
}

/** As PostgreSQL's `md5(raw)::uuid` of the text as it can be stored. */
function digestOf(text: string): string {
  return createHash('md5').update(storable(text)).digest('hex');
}

/** PostgreSQL's text takes neither NUL nor half a surrogate pair; the quarantine has U+FFFD in their place. */
function storable(text: string): string {
  return text.replaceAll('\0', '\u{FFFD}').toWellFormed();
}
