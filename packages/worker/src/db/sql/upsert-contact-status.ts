import type { ClientBase } from 'pg';
import type { ContactRow } from '../../projection/fold.js';
import { changesSomething, mergeAssignments, timeColumnNames, timeColumnTypes, toIso, type DatedColumn } from './merge.js';
import { timesOf } from './times-of.js';

const dated: readonly DatedColumn[] = [
  { column: 'email', at: 'email_at', empty: `''` },
  { column: 'phone', at: 'phone_at', empty: `''` },
  { column: 'external_customer_id', at: 'external_customer_id_at', empty: `''` },
  { column: 'subscriptions', at: 'subscriptions_at', empty: `'{}'` },
  { column: 'blacklist_reason', at: 'blacklisted_at', empty: `''` },
];

/** Locks every row that it meets, changed or not, in key order: this is the lock under which a contact's channels are written. */
const sql = `
  insert into vidhuk.contact_status as t
    (source, contact_id, email, email_at, phone, phone_at, external_customer_id, external_customer_id_at, subscriptions, subscriptions_at, blacklist_reason,
     ${timeColumnNames})
  select source, contact_id, email, email_at, phone, phone_at, external_customer_id, external_customer_id_at, subscriptions, subscriptions_at, blacklist_reason,
     ${timeColumnNames}
  from json_to_recordset($1) as r(
    source text, contact_id bigint, email text, email_at timestamptz, phone text, phone_at timestamptz, external_customer_id text,
    external_customer_id_at timestamptz, subscriptions text[], subscriptions_at timestamptz, blacklist_reason text, ${timeColumnTypes})
  order by source, contact_id
  on conflict (source, contact_id) do update set
      ${mergeAssignments(dated)}
    where ${changesSomething(dated)}`;

/** Folds `rows`, each contact once, into the stored ones; the flags are decided afterwards by `updateContactFlags`. */
export async function upsertContactStatus(client: ClientBase, rows: readonly ContactRow[]): Promise<void> {
  const records = rows.map((row) => ({
    source: row.source,
    contact_id: row.contactId,
    email: row.email?.value,
    email_at: toIso(row.email?.at),
    phone: row.phone?.value,
    phone_at: toIso(row.phone?.at),
    external_customer_id: row.externalCustomerId?.value,
    external_customer_id_at: toIso(row.externalCustomerId?.at),
    subscriptions: row.subscriptions?.value,
    subscriptions_at: toIso(row.subscriptions?.at),
    ...timesOf(row),
  }));
  await client.query({ name: 'upsert-contact-status', text: sql, values: [JSON.stringify(records)] });
}
