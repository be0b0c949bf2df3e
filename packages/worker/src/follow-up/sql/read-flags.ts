import type { ClientBase } from 'pg';
import type { ContactRow } from '../../projection/fold.js';

export interface FlagsRow {
  source: string;
  contact_id: string;
  /** null: the contact as a whole. */
  media_type: string | null;
  blacklisted: boolean;
  unsubscribed: boolean;
}

const sql = `
  with wanted as (select * from unnest($1::text[], $2::bigint[]) as w(source, contact_id))
  select source, contact_id, null as media_type, blacklisted, unsubscribed from vidhuk.contact_status join wanted using (source, contact_id)
  union all
  select source, contact_id, media_type, blacklisted, unsubscribed from vidhuk.contact_channel_status join wanted using (source, contact_id)`;

/** The flags of the contacts and of all their channels, under the contacts' lock. */
export async function readFlags(client: ClientBase, contacts: readonly ContactRow[]): Promise<FlagsRow[]> {
  const values = [contacts.map((contact) => contact.source), contacts.map((contact) => contact.contactId)];
  return (await client.query<FlagsRow>({ name: 'read-flags', text: sql, values })).rows;
}
