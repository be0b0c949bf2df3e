import type { ClientBase } from 'pg';
import type { PlannedErasure } from '../erasure.js';

/** Without a contact: the row must not be found by it, and goes out whatever else was planned. */
const sql = `
  insert into vidhuk.follow_up (id, action, source, activity_key, occurred_at, state, next_attempt_at, activity)
  select id, action, source, activity_key, occurred_at, state, case when state = 'waiting' then now() end, activity
  from json_to_recordset($1) as r(id uuid, action text, source text, activity_key uuid, occurred_at timestamptz, state text, activity jsonb)
  on conflict (id) do nothing`;

/** Whether a row is about an erasure, in a condition on `follow_up`. */
export const isErasure = `activity ? 'erasure'`;

/** What is left of `activity` once it was told, or never will be. */
export const withoutErased = `activity - 'contactId' - 'externalCustomerId'`;

export async function insertErasures(
  client: ClientBase,
  planned: readonly { id: string; action: string; state: 'waiting' | 'dry-run'; activity: PlannedErasure }[],
): Promise<void> {
  if (planned.length === 0) return;
  const records = planned.map(({ id, action, state, activity }) => {
    const { source, key: activity_key, occurredAt: occurred_at } = activity;
    return { id, action, state, source, activity_key, occurred_at, activity };
  });
  await client.query({ text: sql, values: [JSON.stringify(records)] });
}
