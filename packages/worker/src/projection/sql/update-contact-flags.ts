import type { ClientBase } from 'pg';
import type { ContactKey } from './upsert-contact-channel-status.js';

/** Where a contact's flags are decided: true when true on any channel. */
const sql = `
  update vidhuk.contact_status as contact
  set blacklisted = flags.blacklisted, unsubscribed = flags.unsubscribed, updated_at = now()
  from (
    select source, contact_id, bool_or(channel.blacklisted) as blacklisted, bool_or(channel.unsubscribed) as unsubscribed
    from unnest($1::text[], $2::bigint[]) as touched(source, contact_id)
    join vidhuk.contact_channel_status as channel using (source, contact_id)
    group by source, contact_id
  ) as flags
  where contact.source = flags.source and contact.contact_id = flags.contact_id
    and (contact.blacklisted, contact.unsubscribed) is distinct from (flags.blacklisted, flags.unsubscribed)`;

/** To run after channels of `contacts` have changed, under the contacts' lock. */
export async function updateContactFlags(client: ClientBase, contacts: readonly ContactKey[]): Promise<void> {
  const values = [contacts.map(({ source }) => source), contacts.map(({ contact_id }) => contact_id)];
  // Without a name it is planned anew each time: a plan kept from the days when the tables were empty would read all of them.
  await client.query({ text: sql, values });
}
