import type { DataSource } from 'typeorm';

const sql = `
  select wanted.action
  from unnest($1::text[]) as wanted(action)
  left join vidhuk.action_state s on s.action = wanted.action
  where s.disabled_at is null and (s.blocked_until is null or s.blocked_until <= now()) and (
    exists (
      select from vidhuk.follow_up f
      where f.action = wanted.action and f.state = 'waiting' and f.call_id is null and not f.blocked and f.next_attempt_at <= now())
    or exists (
      select from vidhuk.follow_up f
      where f.action = wanted.action and f.state = 'waiting' and f.call_id is not null and not f.blocked and f.next_attempt_at <= now()))`;

/** Those of `actions` that have rows which may go out now. */
export const selectDueActions = async (dataSource: DataSource, actions: readonly string[]): Promise<string[]> =>
  (await dataSource.query<{ action: string }[]>(sql, [actions])).map(({ action }) => action);
