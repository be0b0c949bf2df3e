import type { DataSource } from 'typeorm';

export interface FollowUpCount {
  action: string;
  state: 'waiting' | 'queued' | 'failed' | 'held';
  count: number;
}

/** Rows that are not done, each by an index of its own: those that are done are many. */
export const countFollowUps = (dataSource: DataSource): Promise<FollowUpCount[]> =>
  dataSource.query<FollowUpCount[]>(
    `select action, state, count(*)::integer as count from vidhuk.follow_up where state in ('waiting', 'queued') group by action, state
     union all
     select action, state, count(*)::integer from vidhuk.follow_up where state in ('failed', 'held') group by action, state
     order by action, state`,
  );

export interface PausedAction {
  action: string;
  why: 'disabled' | 'breaker';
  /** When a breaker lets the next call through; null for disabled actions. */
  until: Date | null;
}

/** Actions that make no calls now. One may be here for both reasons. */
export const readPausedActions = (dataSource: DataSource): Promise<PausedAction[]> =>
  dataSource.query<PausedAction[]>(
    `select action, 'disabled' as why, null::timestamptz as until from vidhuk.action_state where disabled_at is not null
     union all
     select action, 'breaker', blocked_until from vidhuk.action_state where blocked_until > now()
     order by action, why`,
  );
