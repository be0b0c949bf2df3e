import type { ClientBase } from 'pg';
import type { ContactRow } from '../../projection/fold.js';
import { inOneGo } from '../../db/in-one-go.js';

export interface LockedContact {
  source: string;
  contact_id: string;
  /** The row as JSON; null when the contact was not known before this transaction, or nobody asked for it. */
  snapshot: Record<string, unknown> | null;
}

/** New contacts first, in key order, so that the second statement finds every row and takes all locks in one order: no two can deadlock. */
const insertMissing = `
  insert into vidhuk.contact_status (source, contact_id, first_activity_at, last_activity_at)
  select * from unnest($1::text[], $2::bigint[], $3::timestamptz[], $3::timestamptz[]) as r(source, contact_id, first_at, last_at)
  order by source, contact_id
  on conflict (source, contact_id) do nothing
  returning source, contact_id`;

const lock = `
  select contact.source, contact.contact_id, case when wanted.shown then to_jsonb(contact) end as snapshot
  from vidhuk.contact_status as contact
  join unnest($1::text[], $2::bigint[], $3::boolean[]) as wanted(source, contact_id, shown) using (source, contact_id)
  order by contact.source, contact.contact_id
  for update of contact`;

/**
 * Locks all contacts before anything changes them, and gives those that are `shown` as they were. For actions that wait for a flag to turn. A
 * snapshot costs as much as the lock itself.
 */
export async function lockContacts(
  client: ClientBase,
  contacts: readonly ContactRow[],
  shown: (contact: ContactRow) => boolean,
): Promise<LockedContact[]> {
  const sources = contacts.map((contact) => contact.source);
  const ids = contacts.map((contact) => contact.contactId);
  const times = contacts.map((contact) => new Date(contact.firstActivityAt).toISOString());
  const [inserted, locked] = await inOneGo([
    () =>
      client.query<{ source: string; contact_id: string }>({
        name: 'insert-missing-contacts',
        text: insertMissing,
        values: [sources, ids, times],
      }),
    () => client.query<LockedContact>({ text: lock, values: [sources, ids, contacts.map(shown)] }),
  ]);
  const fresh = new Set(inserted.rows.map(({ source, contact_id }) => `${source} ${contact_id}`));
  return locked.rows.map((row) => (fresh.has(`${row.source} ${row.contact_id}`) ? { ...row, snapshot: null } : row));
}
