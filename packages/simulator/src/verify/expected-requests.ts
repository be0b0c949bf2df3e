/** What the table of workflow requests must hold, in a temporary table of the session, as `ExpectedLog`. */
import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { RunRequest } from '../run-requests.js';
import type { Differences } from './difference.js';

const TABLE = `
  create temporary table expected_request (
    source       text    not null,
    hook         text    not null,
    instance     text    not null,
    digest       bytea   not null,
    acknowledged boolean not null,
    line         integer not null,
    primary key (source, hook, instance)
  )`;

const ADD = `
  insert into expected_request as e
  select $1, hook, instance, digest, $2, $3 from unnest($4::text[], $5::text[], $6::bytea[]) as given(hook, instance, digest)
  on conflict (source, hook, instance) do update set acknowledged = true where excluded.acknowledged and not e.acknowledged`;

/** By the index of runs. */
const STORED = `
  from expected_request e cross join lateral (
    select count(*) as times, bool_and(sha256(r.body) = e.digest) as same from vidhuk.workflow_request r
    where r.workflow_instance_id = e.instance and r.source = e.source and r.hook = e.hook
  ) as stored`;

const ARRIVAL = `
  select count(*) filter (where acknowledged)::integer as expected, count(*) filter (where acknowledged and times = 0)::integer as missing ${STORED}`;

const DIFFERENT = `
  select e.line, e.hook, e.instance, times::integer, same ${STORED}
  where (e.acknowledged and times = 0) or times > 1 or not same
  order by e.line, e.instance`;

export class ExpectedRequests {
  readonly #client: ClientBase;

  private constructor(client: ClientBase) {
    this.#client = client;
  }

  /** Makes the table; it goes with the connection. Rejects with the driver's error. */
  static async create(client: ClientBase): Promise<ExpectedRequests> {
    await client.query(TABLE);
    return new ExpectedRequests(client);
  }

  /** Those of one line of the ledger. A run has one request, however often it was sent. */
  async add(
    requests: readonly RunRequest[],
    { source, acknowledged, line }: { source: string; acknowledged: boolean; line: number },
  ): Promise<void> {
    const given = [...new Map(requests.map((request) => [`${request.hook} ${request.workflowInstanceId}`, request])).values()];
    if (given.length === 0) return;
    await this.#client.query(ADD, [
      source,
      acknowledged,
      line,
      given.map(({ hook }) => hook),
      given.map(({ workflowInstanceId }) => workflowInstanceId.toLowerCase()),
      given.map(({ body }) => createHash('sha256').update(body).digest()),
    ]);
  }

  async analyze(): Promise<void> {
    await this.#client.query('analyze expected_request');
  }

  /** How many acknowledged ones there are, and how many of them are not in the table yet. */
  async arrival(): Promise<{ expected: number; missing: number }> {
    const { rows } = await this.#client.query<{ expected: number; missing: number }>(ARRIVAL);
    return rows[0] ?? { expected: 0, missing: 0 };
  }

  /** Adds what differs to `differences`. */
  async compare(differences: Differences): Promise<void> {
    const { rows } = await this.#client.query<{
      line: number;
      hook: string;
      instance: string;
      times: number;
      same: boolean | null;
    }>(DIFFERENT);
    for (const { line, hook, instance, times, same } of rows) {
      if (times === 0) differences.add({ kind: 'missing-request', line, hook, workflowInstanceId: instance });
      if (times > 1) differences.add({ kind: 'repeated-request', line, hook, workflowInstanceId: instance, times });
      if (same === false) differences.add({ kind: 'altered-request', line, hook, workflowInstanceId: instance });
    }
  }
}
