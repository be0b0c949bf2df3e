import type { ClientBase } from 'pg';
import type { EncodedRows } from '../../db/rows/row-array.js';
import { activityRows, type BroughtActivity } from './insert-activities.js';

const numbers = ['contact_id', 'message_id', 'message_instance_id', 'broadcast_id', 'workflow_id', 'subscriptions'];
const texts = ['media_type', 'status_description', 'click_event_link'];

/** In bytes; of the same length the greater one. `greatest` and `coalesce` leave nulls out. */
const longer = (column: string): string => `case
    when r.${column} is null or octet_length(a.${column}) > octet_length(r.${column}) then a.${column}
    when a.${column} is null or octet_length(a.${column}) < octet_length(r.${column}) then r.${column}
    else greatest(a.${column} collate "C", r.${column} collate "C") end`;
const united = [
  ['hard_bounce', 'a.hard_bounce or r.hard_bounce'],
  ...numbers.map((column) => [column, `greatest(a.${column}, r.${column})`]),
  ...texts.map((column) => [column, longer(column)]),
] as const;
const columns = united.map(([column]) => column).join(', ');

/** Rows are locked in the order in which the log takes them. What says nothing new locks and writes nothing. */
const sql = `
  with united as (
    select a.occurred_at, a.activity_key, ${united.map(([column, expression]) => `${expression} as ${column}`).join(', ')}
    from ${activityRows.unnested} as r join vidhuk.activity a on a.occurred_at = r.occurred_at and a.activity_key = r.activity_key
    where (${columns.replace(/(\w+)/g, 'a.$1')}) is distinct from (${united.map(([, expression]) => expression).join(', ')})
    order by a.occurred_at, a.activity_key
    for update of a
  )
  update vidhuk.activity a set (${columns}) = (${columns.replace(/(\w+)/g, 'u.$1')})
  from united u
  where a.occurred_at = u.occurred_at and a.activity_key = u.activity_key`;

/** Adds to the log what `activities`, which it has already, say beyond what it was told before. */
export async function uniteLoggedActivities(client: ClientBase, activities: EncodedRows<BroughtActivity>): Promise<void> {
  // Without a name, so that its plan is made for the partitions that there are.
  await client.query({ text: sql, values: [activityRows.parameter(client, activities)] });
}
