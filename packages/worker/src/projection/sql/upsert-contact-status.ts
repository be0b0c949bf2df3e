import type { ClientBase } from 'pg';
import { bigintColumn, RowArray, textColumn, textsColumn, timeColumn, type EncodedRows } from '../../db/rows/row-array.js';
import type { ContactRow } from '../fold.js';
import { contactTimeColumns } from '../rules.js';
import type { ContactKey } from './contact-key.js';
import { changesSomething, columnsOfTimes, mergeAssignments, type DatedColumn } from './merge.js';

export const contactRows = new RowArray<ContactRow>('vidhuk.contact_input', [
  textColumn('source', (row) => row.source),
  bigintColumn('contact_id', (row) => row.contactId),
  textColumn('email', (row) => row.email?.value),
  timeColumn('email_at', (row) => row.email?.at),
  textColumn('phone', (row) => row.phone?.value),
  timeColumn('phone_at', (row) => row.phone?.at),
  textColumn('external_customer_id', (row) => row.externalCustomerId?.value),
  timeColumn('external_customer_id_at', (row) => row.externalCustomerId?.at),
  textsColumn('subscriptions', (row) => row.subscriptions?.value),
  timeColumn('subscriptions_at', (row) => row.subscriptions?.at),
  textsColumn('reachable', (row) => row.mediaTypes),
  ...columnsOfTimes<ContactRow>(contactTimeColumns),
]);
export const contactDated: readonly DatedColumn[] = [
  { column: 'email', at: 'email_at', empty: `''` },
  { column: 'phone', at: 'phone_at', empty: `''` },
  { column: 'external_customer_id', at: 'external_customer_id_at', empty: `''` },
  { column: 'subscriptions', at: 'subscriptions_at', empty: `'{}'` },
];

/** Of a contact that all of its channels may write to, these are all of its channels; of any other `decideFlags` says which. */
const isReachable = '(not t.blacklisted and not t.unsubscribed)';
const hasNewChannel = `${isReachable} and not excluded.reachable <@ t.reachable`;
const changes = `${changesSomething(contactTimeColumns, contactDated)}
      or (${hasNewChannel})`;

/**
 * Locks every row that it meets, changed or not, in key order: this is the lock under which a contact's channels are written. Of contacts that some
 * channel may not write to, every row is written that more than locks (see `lock-only.ts`): nothing here knows whether the channel is a new one.
 */
const sql = `
  with written as (
    insert into vidhuk.contact_status as t (${contactRows.names}) select ${contactRows.names} from ${contactRows.unnested}
    order by source, contact_id
    on conflict (source, contact_id) do update set
      ${mergeAssignments(contactTimeColumns, contactDated)},
      reachable = case when ${hasNewChannel}
        then array(select type collate "C" from unnest(t.reachable || excluded.reachable) as type group by 1 order by 1)
        else t.reachable end,
      updated_at = case when ${isReachable} or ${changes} then now() else t.updated_at end
    where ${changes}
      or not ${isReachable} and excluded.first_activity_at <= excluded.last_activity_at
    returning source, contact_id, blacklisted, unsubscribed
  )
  select source, contact_id from written where blacklisted or unsubscribed`;

/**
 * Folds rows, each contact once, into the stored ones. Gives those whose flags `decideFlags` has to look at again, as far as they themselves tell:
 * some channel may not write to them.
 */
export async function upsertContactStatus(client: ClientBase, contacts: EncodedRows<ContactRow>): Promise<ContactKey[]> {
  const values = [contactRows.parameter(client, contacts)];
  return (await client.query<ContactKey>({ name: 'upsert-contact-status', text: sql, values })).rows;
}
