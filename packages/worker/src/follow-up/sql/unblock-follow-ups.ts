/** Rows that wait for an earlier activity of their contact are in no index that a claim reads; what ends that activity lets the next of them in. */
import type { ClientBase } from 'pg';

/** Whose activity came to its end. */
export interface EndedRow {
  action: string;
  source: string;
  /** bigint, as text; null for anonymous activities, for which nobody waits. */
  contact_id: string | null;
}

const sql = `
  update vidhuk.follow_up f set blocked = false
  from (
    select next.id
    from (select distinct * from unnest($1::text[], $2::text[], $3::bigint[]) as e(action, source, contact_id)) as ended
    cross join lateral (
      select n.id from vidhuk.follow_up n
      where n.action = ended.action and n.contact_id = ended.contact_id and n.source = ended.source and n.blocked and n.state = 'waiting'
      order by n.occurred_at, n.activity_key limit $4
    ) as next
  ) as next
  where f.id = next.id`;

/**
 * To be sent behind the statement that ended the rows, in its transaction: it sees what was marked until then. Lets in the `count` next rows of each
 * contact; those that have to wait all the same are marked again.
 */
export async function unblockNext(client: ClientBase, ended: readonly EndedRow[], count: number): Promise<void> {
  const rows = ended.filter(({ contact_id }) => contact_id !== null);
  if (rows.length === 0) return;
  const values = [
    rows.map(({ action }) => action),
    rows.map(({ source }) => source),
    rows.map(({ contact_id }) => contact_id),
    count,
  ];
  await client.query({ text: sql, values });
}

/** Where somebody has changed the ledger by hand, nobody lets the next row in. Contacts by jumping from one to the next, `limit` at once. */
const orphanSql = `
  with recursive contact as (
    (select contact_id, source from vidhuk.follow_up where action = $1 and blocked and (contact_id, source) > ($2::bigint, $3)
     order by contact_id, source limit 1)
    union all
    select next.contact_id, next.source
    from contact cross join lateral (
      select contact_id, source from vidhuk.follow_up
      where action = $1 and blocked and (contact_id, source) > (contact.contact_id, contact.source)
      order by contact_id, source limit 1
    ) as next
  )
  select contact.contact_id, contact.source, not exists (
      select from vidhuk.follow_up o
      where o.action = $1 and o.contact_id = contact.contact_id and o.source = contact.source and o.state in ('waiting', 'queued') and not o.blocked
    ) as orphaned
  from (select * from contact limit $4) as contact`;

export interface ContactOfAction {
  contactId: string;
  source: string;
}

/** Unblocks the first row of contacts of which none goes out, among the next `limit` behind `after`; gives where to go on, null at the end. */
export async function unblockOrphans(
  client: ClientBase,
  action: string,
  after: ContactOfAction | null,
  limit: number,
): Promise<ContactOfAction | null> {
  const values = [action, after?.contactId ?? '-9223372036854775808', after?.source ?? '', limit];
  const { rows } = await client.query<{ contact_id: string; source: string; orphaned: boolean }>(orphanSql, values);
  const orphaned = rows.filter((row) => row.orphaned).map(({ contact_id, source }) => ({ action, source, contact_id }));
  await unblockNext(client, orphaned, 1);
  const last = rows.at(-1);
  return last === undefined || rows.length < limit ? null : { contactId: last.contact_id, source: last.source };
}
