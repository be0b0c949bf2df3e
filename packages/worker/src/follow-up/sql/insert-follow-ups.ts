import type { ClientBase } from 'pg';
import type { ContactSnapshot } from '../../handlers/handler.js';
import type { FollowUpState } from '../../db/entities/follow-up.js';
import type { PlannedSubject } from '../planned-activity.js';

export interface PlannedFollowUp {
  id: string;
  action: string;
  state: Extract<FollowUpState, 'waiting' | 'dry-run'>;
  activity: PlannedSubject;
  previous: ContactSnapshot | null;
  maxPerContact: { count: number; perMs: number } | null;
}

/**
 * The guard against loops counts under the contact's lock, so that it holds for any number of workers. The contact is handed over as it is after
 * this transaction.
 */
const sql = `
  insert into vidhuk.follow_up
    (id, action, source, activity_key, occurred_at, contact_id, state, last_error, next_attempt_at, activity, contact, previous)
  select r.id, r.action, r.source, r.activity_key, r.occurred_at, r.contact_id,
    case when held then 'held' else r.state end,
    case when held then format('held back: more than %s follow-ups for this contact within %s ms', r.max_count, r.max_per_ms) end,
    case when r.state = 'waiting' and not held then now() end,
    r.activity, to_jsonb(contact), r.previous
  from (
    select p.*, row_number() over (partition by p.action, p.source, p.contact_id order by p.occurred_at, p.activity_key) as nth
    from json_to_recordset($1) as p(id uuid, action text, source text, activity_key uuid, occurred_at timestamptz, contact_id bigint, state text,
      activity jsonb, previous jsonb, max_count integer, max_per_ms bigint)
  ) as r
  left join vidhuk.contact_status as contact on contact.source = r.source and contact.contact_id = r.contact_id
  left join lateral (
    select count(*) as recent from vidhuk.follow_up as earlier
    where earlier.contact_id = r.contact_id and earlier.action = r.action and earlier.source = r.source
      and earlier.created_at > now() - r.max_per_ms * interval '1 ms' and earlier.state <> 'held'
  ) as guard on r.max_count is not null
  cross join lateral (select coalesce(r.contact_id is not null and guard.recent + r.nth > r.max_count, false) as held) as verdict
  on conflict (id) do nothing`;

/** Plans the rows, each (activity or request, action) once whatever happens: that is what their ids are made of. Gives how many were new. */
export async function insertFollowUps(client: ClientBase, planned: readonly PlannedFollowUp[]): Promise<number> {
  const records = planned.map(({ id, action, state, activity, previous, maxPerContact }) => ({
    id,
    action,
    source: activity.source,
    activity_key: activity.key,
    occurred_at: activity.occurredAt,
    contact_id: activity.contactId,
    state,
    activity,
    previous,
    max_count: maxPerContact?.count,
    max_per_ms: maxPerContact?.perMs,
  }));
  return (await client.query({ text: sql, values: [JSON.stringify(records)] })).rowCount ?? 0;
}
