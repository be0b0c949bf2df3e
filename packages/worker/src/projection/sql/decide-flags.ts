import type { ClientBase } from 'pg';
import type { ContactKey } from './contact-key.js';

/**
 * Where flags are decided, but for a channel's blacklisting, which is a generated column of its row. What an opt-in ends stands in `source` (the
 * configuration's `optIn`). A choice at the very time of an opt-out does not end it: ties go to the safe side. Of a contact without channels there is one
 * row without any, so that nothing joins what has no index: that would take the square of the contacts.
 */
const sql = `
  with contact as (
    select c.source, c.contact_id, c.resubscribed_at,
      case when c.opted_out_at >= coalesce(c.resubscribed_at, '-infinity') then c.opted_out_at end as left_everything_at,
      coalesce(s.opt_in_ends_unsubscribed, true) as ends_unsubscribed, coalesce(s.opt_in_ends_complaint, false) as ends_complaint
    from unnest($1::text[], $2::bigint[]) as touched(source, contact_id)
    join vidhuk.contact_status c using (source, contact_id)
    left join vidhuk.source s using (source)
  ), channel as (
    select source, contact_id, contact.left_everything_at, c.media_type, c.blacklisted, c.blacklisted_at, c.blacklist_reason, c.unsubscribed as was_unsubscribed,
      greatest(
        contact.left_everything_at,
        case when not contact.ends_unsubscribed or c.unsubscribed_at >= coalesce(contact.resubscribed_at, '-infinity') then c.unsubscribed_at end,
        case when not contact.ends_complaint or c.spam_reported_at >= coalesce(contact.resubscribed_at, '-infinity') then c.spam_reported_at end
      ) as opted_out_at
    from contact left join vidhuk.contact_channel_status c using (source, contact_id)
  ), turned as (
    update vidhuk.contact_channel_status c set unsubscribed = channel.opted_out_at is not null, updated_at = now()
    from channel
    where c.source = channel.source and c.contact_id = channel.contact_id and c.media_type = channel.media_type
      and channel.was_unsubscribed <> (channel.opted_out_at is not null)
  ), decided as (
    select source, contact_id,
      coalesce(bool_or(channel.blacklisted), false) as blacklisted,
      max(channel.blacklisted_at) filter (where channel.blacklisted) as blacklisted_at,
      (array_agg(channel.blacklist_reason order by channel.blacklisted_at desc, channel.blacklist_reason collate "C" desc nulls last)
        filter (where channel.blacklisted))[1] as blacklist_reason,
      greatest(left_everything_at, max(channel.opted_out_at)) as unsubscribed_at,
      coalesce(array_agg(channel.media_type order by channel.media_type collate "C")
        filter (where not channel.blacklisted and channel.opted_out_at is null), '{}') as reachable
    from channel
    group by source, contact_id, left_everything_at
  )
  update vidhuk.contact_status c
  set blacklisted = d.blacklisted, blacklisted_at = d.blacklisted_at, blacklist_reason = d.blacklist_reason,
    unsubscribed = d.unsubscribed_at is not null, unsubscribed_at = d.unsubscribed_at, reachable = d.reachable, updated_at = now()
  from decided d
  where c.source = d.source and c.contact_id = d.contact_id
    and (c.blacklisted, c.blacklisted_at, c.blacklist_reason, c.unsubscribed_at, c.reachable)
      is distinct from (d.blacklisted, d.blacklisted_at, d.blacklist_reason, d.unsubscribed_at, d.reachable)`;

/** To run after `contacts` or channels of theirs have changed, under the contacts' lock. */
export async function decideFlags(client: ClientBase, contacts: readonly ContactKey[]): Promise<void> {
  const values = [contacts.map(({ source }) => source), contacts.map(({ contact_id }) => contact_id)];
  await client.query({ name: 'decide-flags', text: sql, values });
}
