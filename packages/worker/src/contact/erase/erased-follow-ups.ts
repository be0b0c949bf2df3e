/** The ledger: what waits for the person is cancelled, what was done stays as a row without anybody's data. */
import { inTransaction } from '../../db/transaction.js';
import { changeFollowUps } from '../../follow-up/sql/change-follow-ups.js';
import { isErasure } from '../../follow-up/sql/insert-erasures.js';
import { blanked, type Place } from './place.js';

// What tells others of the erasure itself holds its two ids until it is done.
const ofPerson = `t.source = person.source and t.last_error is distinct from 'erased' and not t.${isErasure} and (t.contact_id = any(person.ids) or (t.contact_id is null and (
  lower(t.activity ->> 'email') = any(person.addresses) or lower(t.activity ->> 'phone') = any(person.addresses)
  or lower(t.activity ->> 'address') = any(person.addresses) or lower(t.activity ->> 'externalCustomerId') = any(person.addresses)
  or (t.activity ->> 'type' = 'workflow' and exists (select from unnest(person.addresses) as a where t.activity::text ~*
    ('(^|[^a-z0-9@_.+-])' || regexp_replace(a, '([^a-zA-Z0-9])', '\\\\\\1', 'g') || '([^a-z0-9@_-]|$)'))))))`;

const rows = blanked(
  'follow_up',
  ofPerson,
  `contact_id = null, activity = '{}', contact = null, previous = null, last_error = 'erased', blocked = false, next_attempt_at = null,
    done_at = coalesce(done_at, now()), state = case when state in ('waiting', 'queued', 'held') then 'cancelled' else state end`,
);

export const erasedFollowUps: Place = {
  name: rows.name,
  async erase(parts, person, trial) {
    if (!trial) await cancel(parts.dataSource, person);
    return rows.erase(parts, person, trial);
  },
};

/** Those that go out with others in one call leave it, as when somebody cancels them. */
async function cancel(
  dataSource: Parameters<Place['erase']>[0]['dataSource'],
  { source, contactIds, addresses }: Parameters<Place['erase']>[1],
): Promise<void> {
  const waiting = await inTransaction(dataSource, async (client) => {
    return client.query<{ id: string }>(
      `with person as (select $1::text as source, $2::bigint[] as ids, $3::text[] as addresses)
       select t.id from vidhuk.follow_up t, person where ${ofPerson} and t.state in ('waiting', 'queued', 'held', 'failed')`,
      [source, contactIds, addresses.map((address) => address.toLowerCase())],
    );
  });
  const ids = waiting.rows.map(({ id }) => id);
  if (ids.length > 0) await changeFollowUps(dataSource, { ids }, 'cancel');
}
