import type { ClientBase } from 'pg';
import type { ContactRow } from '../fold.js';
import { changesSomething, mergeAssignments, sharedColumns, type DatedColumn } from './merge.js';
import { bigintColumn, RowArray, textColumn, textsColumn, timeColumn, type EncodedRows } from '../../db/rows/row-array.js';

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
  ...sharedColumns,
]);
const dated: readonly DatedColumn[] = [
  { column: 'email', at: 'email_at', empty: `''` },
  { column: 'phone', at: 'phone_at', empty: `''` },
  { column: 'external_customer_id', at: 'external_customer_id_at', empty: `''` },
  { column: 'subscriptions', at: 'subscriptions_at', empty: `'{}'` },
  { column: 'blacklist_reason', at: 'blacklisted_at', empty: `''` },
];

/** Locks every row that it meets, changed or not, in key order: this is the lock under which a contact's channels are written. */
const sql = `
  insert into vidhuk.contact_status as t (${contactRows.names}) select ${contactRows.names} from ${contactRows.unnested}
  order by source, contact_id
  on conflict (source, contact_id) do update set
      ${mergeAssignments(dated)}
    where ${changesSomething(dated)}`;

/** Folds rows, each contact once, into the stored ones; the flags are decided afterwards by `updateContactFlags`. */
export async function upsertContactStatus(client: ClientBase, contacts: EncodedRows<ContactRow>): Promise<void> {
  const values = [contactRows.parameter(client, contacts)];
  await client.query({ name: 'upsert-contact-status', text: sql, values });
}
