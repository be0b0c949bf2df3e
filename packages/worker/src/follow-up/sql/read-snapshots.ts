import type { ClientBase } from 'pg';
import type { ContactSnapshot } from '../../handlers/handler.js';
import type { ContactRow } from '../../projection/fold.js';

export interface KnownContact {
  source: string;
  contact_id: string;
  /** The row as JSON. */
  snapshot: ContactSnapshot;
}

/** One that this transaction has only begun, see `projection/lock-only.ts`, was not known before it. */
const sql = `
  select contact.source, contact.contact_id, to_jsonb(contact) as snapshot
  from unnest($1::text[], $2::bigint[]) as wanted(source, contact_id)
  join vidhuk.contact_status as contact using (source, contact_id)
  where contact.first_activity_at <= contact.last_activity_at`;

/** Those of `contacts` that were known, as they are, under their lock. */
export async function readSnapshots(client: ClientBase, contacts: readonly ContactRow[]): Promise<KnownContact[]> {
  const values = [contacts.map((contact) => contact.source), contacts.map((contact) => contact.contactId)];
  return (await client.query<KnownContact>({ name: 'read-snapshots', text: sql, values })).rows;
}
