import type { ClientBase } from 'pg';
import type { ContactRow } from '../../projection/fold.js';
import { inOneGo } from '../../db/in-one-go.js';

export interface LockedContact {
  source: string;
  contact_id: string;
  /** The row as JSON; null when the contact was not known before this transaction. */
  snapshot: Record<string, unknown> | null;
}

/**
 * Locks new and known contacts in one pass, in key order, as the upsert of transactions without such actions does: no two can deadlock. Where the
 * condition is false, PostgreSQL still locks the row that it has found (INSERT, "ON CONFLICT DO UPDATE"). Of a new one the upsert that follows fills in
 * everything, its times included: any time is before infinity.
 */
const lockAll = `
  insert into vidhuk.contact_status (source, contact_id, first_activity_at, last_activity_at)
  select source, contact_id, 'infinity'::timestamptz, '-infinity'::timestamptz from unnest($1::text[], $2::bigint[]) as r(source, contact_id)
  order by source, contact_id
  on conflict (source, contact_id) do update set source = excluded.source where false
  returning source, contact_id`;

const readShown = `
  select contact.source, contact.contact_id, to_jsonb(contact) as snapshot
  from unnest($1::text[], $2::bigint[]) as wanted(source, contact_id)
  join vidhuk.contact_status as contact using (source, contact_id)`;

/**
 * Locks all contacts before anything changes them, and gives those that are `shown` as they were. For actions that wait for a flag to turn. A
 * snapshot costs as much as the lock itself.
 */
export async function lockContacts(
  client: ClientBase,
  contacts: readonly ContactRow[],
  shown: (contact: ContactRow) => boolean,
): Promise<LockedContact[]> {
  const [inserted, locked] = await inOneGo([
    () =>
      client.query<{ source: string; contact_id: string }>({
        name: 'lock-contacts',
        text: lockAll,
        values: keysOf(contacts),
      }),
    () => client.query<LockedContact>({ name: 'read-shown', text: readShown, values: keysOf(contacts.filter(shown)) }),
  ]);
  const fresh = new Set(inserted.rows.map(({ source, contact_id }) => `${source} ${contact_id}`));
  return locked.rows.map((row) => (fresh.has(`${row.source} ${row.contact_id}`) ? { ...row, snapshot: null } : row));
}

const keysOf = (contacts: readonly ContactRow[]): [string[], number[]] => [
  contacts.map((contact) => contact.source),
  contacts.map((contact) => contact.contactId),
];
