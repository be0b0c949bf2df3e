/** Changing rows of the ledger by hand, by id or by filter. */
import type { DataSource } from 'typeorm';
import type { FollowUpState } from '../../db/entities/follow-up.js';
import { throughConflicts } from '../../db/through-conflicts.js';
import { inTransaction } from '../../db/transaction.js';
import { lockFeeder } from './claim-follow-ups.js';
import { isErasure, withoutErased } from './insert-erasures.js';
import { unblockNext, type EndedRow } from './unblock-follow-ups.js';

export interface FollowUpFilter {
  ids?: readonly string[];
  action?: string;
  states?: readonly FollowUpState[];
  contactId?: number;
  /** Planned then or later. */
  since?: Date;
  /** What their last error holds, whatever its case, or is. */
  error?: { holds: string } | { is: string };
}

/** Of each contact; whether they go out in groups is not known here. */
const nextOfCancelled = 100;

export type FollowUpChange = 'retry' | 'cancel';

/** The states that a change applies to. */
export const changeable: Readonly<Record<FollowUpChange, readonly FollowUpState[]>> = {
  retry: ['failed', 'cancelled', 'held', 'waiting'],
  cancel: ['waiting', 'queued', 'held', 'failed'],
};

/** What goes out under one key never changes: a row that waits to go out once more with all of its call has its key, any other has left its call. */
const retrySql = (where: string): string => `
  update vidhuk.follow_up set state = 'waiting', next_attempt_at = now(), attempts = 0, done_at = null, job_id = null, blocked = false
  where ${where}`;

/**
 * The call of a cancelled row may have gone out with it, or be under way now: the others of that call go on as another call. One that is under way is
 * recorded all the same; a job that has not begun finds nothing under the old key, and hands them back.
 */
const cancelSql = (where: string): string => `
  with chosen as (select id, action, call_id from vidhuk.follow_up where ${where} for update),
  renewed as (
    select action, call_id, gen_random_uuid() as new_call_id
    from (select distinct action, call_id from chosen where call_id is not null) as calls
  ),
  others as (
    update vidhuk.follow_up f set call_id = r.new_call_id from renewed r
    where f.action = r.action and f.call_id = r.call_id and f.state in ('waiting', 'queued')
      and not exists (select from chosen c where c.id = f.id)
  )
  update vidhuk.follow_up set state = 'cancelled', next_attempt_at = null, done_at = now(), job_id = null, call_id = null, blocked = false,
    activity = case when ${isErasure} then ${withoutErased} else activity end,
    last_error = case when ${isErasure} then 'erased' else last_error end
  where id in (select id from chosen)
  returning action, source, contact_id`;

const statements: Readonly<Record<FollowUpChange, (where: string) => string>> = { retry: retrySql, cancel: cancelSql };

/** As a `where` with its values; an empty filter matches every row. */
export function whereOf({ ids, action, states, contactId, since, error }: FollowUpFilter): { where: string; values: unknown[] } {
  const values: unknown[] = [];
  const conditions: string[] = [];
  const add = (value: unknown, condition: (placeholder: string) => string) => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  add(ids, (p) => `id = any(${p}::uuid[])`);
  add(action, (p) => `action = ${p}`);
  add(states, (p) => `state = any(${p}::text[])`);
  add(contactId, (p) => `contact_id = ${p}`);
  add(since?.toISOString(), (p) => `created_at >= ${p}::timestamptz`);
  add(
    error !== undefined && 'holds' in error ? error.holds : undefined,
    (p) => `strpos(lower(last_error), lower(${p}::text)) > 0`,
  );
  add(error !== undefined && 'is' in error ? error.is : undefined, (p) => `last_error = ${p}`);
  return { where: conditions.length === 0 ? 'true' : conditions.join(' and '), values };
}

/** Of what the database refused to plan, and of erased people, too little is kept for a call. */
const isWhole = `(last_error is null or (last_error <> 'erased' and last_error not like 'could not be planned:%'))`;

const whereFor = (filter: FollowUpFilter, change: FollowUpChange): ReturnType<typeof whereOf> => {
  const { where, values } = whereOf(applicable(filter, change));
  return { where: change === 'retry' ? `${where} and ${isWhole}` : where, values };
};

const applicable = (filter: FollowUpFilter, change: FollowUpChange): FollowUpFilter => ({
  ...filter,
  states: (filter.states ?? changeable[change]).filter((state) => changeable[change].includes(state)),
});

/** How many rows `change` would apply to. */
export async function countChangeable(dataSource: DataSource, filter: FollowUpFilter, change: FollowUpChange): Promise<number> {
  const { where, values } = whereFor(filter, change);
  const rows = await dataSource.query<{ count: number }[]>(
    `select count(*)::integer as count from vidhuk.follow_up where ${where}`,
    values,
  );
  return rows[0]?.count ?? 0;
}

/** A row as a person sees it before many are changed. */
export interface FollowUpSample {
  id: string;
  action: string;
  state: FollowUpState;
  contactId: string | null;
  lastError: string | null;
}

/** Those rows, in the order of their activities: all of their ids, and some to be shown. */
export async function listChangeable(
  dataSource: DataSource,
  filter: FollowUpFilter,
  change: FollowUpChange,
  shown: number,
): Promise<{ ids: string[]; sample: FollowUpSample[] }> {
  const { where, values } = whereFor(filter, change);
  const rows = await dataSource.query<{ id: string }[]>(`select id from vidhuk.follow_up where ${where} order by id`, values);
  const ids = rows.map(({ id }) => id);
  const sample = await dataSource.query<FollowUpSample[]>(
    `select id, action, state, contact_id as "contactId", last_error as "lastError" from vidhuk.follow_up where id = any($1::uuid[]) order by id`,
    [ids.slice(0, shown)],
  );
  return { ids, sample };
}

/**
 * Gives how many rows were changed, and how many of them had been handed to a worker: a queued row that is cancelled is not called any more, unless its
 * call is under way. No feeder works meanwhile:
 * it leaves out rows that are locked, and so would claim a part of a call.
 */
export async function changeFollowUps(
  dataSource: DataSource,
  filter: FollowUpFilter,
  change: FollowUpChange,
): Promise<{ changed: number; underWay: number }> {
  const { where, values } = whereFor(filter, change);
  const inOne = (): Promise<{ changed: number; underWay: number }> =>
    inTransaction(dataSource, async (client) => {
      const { rows } = await client.query<{ action: string }>(
        `select distinct action from vidhuk.follow_up where ${where} order by action`,
        values,
      );
      for (const { action } of rows) await lockFeeder(client, action);
      const queued = await client.query<{ count: number }>(
        `select count(*)::integer as count from vidhuk.follow_up where ${where} and state = 'queued'`,
        values,
      );
      const changed = await client.query<EndedRow>(statements[change](where), values);
      await unblockNext(client, changed.rows, nextOfCancelled);
      return { changed: changed.rowCount ?? 0, underWay: queued.rows[0]?.count ?? 0 };
    });
  return throughConflicts(inOne); // a worker may be recording a result of the same contact
}
