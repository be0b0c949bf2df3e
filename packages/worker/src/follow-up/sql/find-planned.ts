/** What of a replay the ledger has already. */
import type { DataSource } from 'typeorm';
import type { PlannedFollowUp } from './insert-follow-ups.js';

/** Ids of those that have a row, in whatever state. */
export async function findPlanned(dataSource: DataSource, planned: readonly PlannedFollowUp[]): Promise<Set<string>> {
  const rows = await dataSource.query<{ id: string }[]>('select id from vidhuk.follow_up where id = any($1::uuid[])', [
    planned.map(({ id }) => id),
  ]);
  return new Set(rows.map(({ id }) => id));
}

/** Several activities of a batch may turn a flag, and one of them stands for all: whom the action was called for by any of them is known. */
const turnedSql = `
  select wanted.key
  from unnest($1::text[], $2::timestamptz[], $3::uuid[]) as wanted(action, occurred_at, key)
  join vidhuk.activity a on a.occurred_at = wanted.occurred_at and a.activity_key = wanted.key
  where exists (
    select from vidhuk.follow_up f
    join vidhuk.activity b on b.occurred_at = f.occurred_at and b.activity_key = f.activity_key
    where f.action = wanted.action and f.source = a.source and f.contact_id = a.contact_id and b.batch_id = a.batch_id)`;

/** Keys of those activities. */
export async function findTurned(dataSource: DataSource, planned: readonly PlannedFollowUp[]): Promise<Set<string>> {
  const rows = await dataSource.query<{ key: string }[]>(turnedSql, [
    planned.map(({ action }) => action),
    planned.map(({ activity }) => activity.occurredAt),
    planned.map(({ activity }) => activity.key),
  ]);
  return new Set(rows.map(({ key }) => key));
}
