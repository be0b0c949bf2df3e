/** Changing rows of the ledger by hand, by id or by filter. */
import type { DataSource } from 'typeorm';
import type { FollowUpState } from '../entities/follow-up.js';

export interface FollowUpFilter {
  ids?: readonly string[];
  action?: string;
  states?: readonly FollowUpState[];
  contactId?: number;
}

export type FollowUpChange = 'retry' | 'cancel';

/** The states that a change applies to. */
export const changeable: Readonly<Record<FollowUpChange, readonly FollowUpState[]>> = {
  retry: ['failed', 'cancelled', 'held', 'waiting'],
  cancel: ['waiting', 'queued', 'held', 'failed'],
};

const assignments: Readonly<Record<FollowUpChange, string>> = {
  retry: `state = 'waiting', next_attempt_at = now(), attempts = 0, done_at = null, job_id = null`,
  cancel: `state = 'cancelled', next_attempt_at = null, done_at = now(), job_id = null`,
};

/** As a `where` with its values; an empty filter matches every row. */
export function whereOf({ ids, action, states, contactId }: FollowUpFilter): { where: string; values: unknown[] } {
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
  return { where: conditions.length === 0 ? 'true' : conditions.join(' and '), values };
}

const applicable = (filter: FollowUpFilter, change: FollowUpChange): FollowUpFilter => ({
  ...filter,
  states: (filter.states ?? changeable[change]).filter((state) => changeable[change].includes(state)),
});

/** How many rows `change` would apply to. */
export async function countChangeable(dataSource: DataSource, filter: FollowUpFilter, change: FollowUpChange): Promise<number> {
  const { where, values } = whereOf(applicable(filter, change));
  const rows = await dataSource.query<{ count: number }[]>(
    `select count(*)::integer as count from vidhuk.follow_up where ${where}`,
    values,
  );
  return rows[0]?.count ?? 0;
}

/** Gives how many rows were changed. A queued row that is cancelled is not called any more, unless its call is under way. */
export async function changeFollowUps(dataSource: DataSource, filter: FollowUpFilter, change: FollowUpChange): Promise<number> {
  const { where, values } = whereOf(applicable(filter, change));
  const [, count] = await dataSource.query<[unknown[], number]>(
    `update vidhuk.follow_up set ${assignments[change]} where ${where}`,
    values,
  );
  return count;
}
