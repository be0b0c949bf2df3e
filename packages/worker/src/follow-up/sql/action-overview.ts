/** What the ledger says of each action, configured or not. */
import type { DataSource } from 'typeorm';
import type { FollowUpState } from '../../db/entities/follow-up.js';

export interface ActionOverview {
  action: string;
  /** Rows by state; states without rows are absent. */
  counts: Partial<Record<FollowUpState, number>>;
  disabledAt: Date | null;
  disabledReason: string | null;
  /** null when calls do not pause now. */
  blockedUntil: Date | null;
  allowed: number | null;
}

export async function readActionOverview(dataSource: DataSource): Promise<ActionOverview[]> {
  return dataSource.query<ActionOverview[]>(`
    with counts as (
      select action, jsonb_object_agg(state, rows) as counts
      from (select action, state, count(*) as rows from vidhuk.follow_up group by action, state) as by_state group by action
    )
    select coalesce(c.action, s.action) as action, coalesce(c.counts, '{}') as counts, s.disabled_at as "disabledAt",
      s.disabled_reason as "disabledReason", case when s.blocked_until > now() then s.blocked_until end as "blockedUntil", s.allowed
    from counts c full join vidhuk.action_state s on s.action = c.action
    order by 1`);
}

/** Actions that the configuration does not name (any more) but whose rows wait for it, with how many. */
export async function readOrphanedActions(
  dataSource: DataSource,
  configured: readonly string[],
): Promise<{ action: string; rows: number }[]> {
  return dataSource.query<{ action: string; rows: number }[]>(
    `select action, count(*)::integer as rows from vidhuk.follow_up
     where state in ('waiting', 'queued', 'held') and action <> all($1::text[]) group by action order by action`,
    [[...configured]],
  );
}

/** Of those actions, which have rows that have been due for so long, and how many. */
export async function readOverdue(
  dataSource: DataSource,
  actions: readonly string[],
  ms: number,
): Promise<{ action: string; rows: number }[]> {
  return dataSource.query<{ action: string; rows: number }[]>(
    `select action, count(*)::integer as rows from vidhuk.follow_up
     where state = 'waiting' and not blocked and action = any($1::text[])
       and coalesce(next_attempt_at, created_at) < now() - $2 * interval '1 millisecond'
     group by action order by action`,
    [[...actions], ms],
  );
}
