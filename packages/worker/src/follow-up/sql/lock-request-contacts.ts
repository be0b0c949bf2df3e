import type { ClientBase } from 'pg';
import type { PlannedSubject } from '../planned-activity.js';

/** Contacts that nobody knows have no row to be locked. In one order everywhere, to the end of the transaction. */
const sql = `
  select pg_advisory_xact_lock(hashtextextended('vidhuk workflow contact ' || source || ' ' || contact_id, 0))
  from (select distinct source, contact_id from unnest($1::text[], $2::bigint[]) as given(source, contact_id) order by 1, 2 offset 0) as contacts`;

/** Whoever plans follow-ups of requests for these contacts does so one after the other: what `maxPerContact` counts is then committed. */
export async function lockRequestContacts(client: ClientBase, planned: readonly { activity: PlannedSubject }[]): Promise<void> {
  const named = planned.flatMap(({ activity: { source, contactId } }) => (contactId === null ? [] : [{ source, contactId }]));
  await client.query(sql, [named.map(({ source }) => source), named.map(({ contactId }) => contactId)]);
}
