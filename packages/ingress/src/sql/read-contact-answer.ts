import { foldName, nameSpellings, phoneSpellings } from '@vidhuk/shared';
import type { Pool } from 'pg';
import type { ContactAnswer } from '../contact-answer.js';
import type { NameOfContact } from '../name-of-contact.js';

/** Whom a name may mean, each by its index. One address may belong to several contacts. */
const whom: Readonly<Record<NameOfContact['kind'], string>> = {
  contactId: 'contact_id = $2::bigint',
  externalCustomerId: 'external_customer_id = any($2::text[])',
  email: 'lower(email) = any(array(select lower(name) from unnest($2::text[]) as name))',
  phone: `regexp_replace(phone, '\\D', '', 'g') = any($2::text[])`,
};

/** Whether it is the name as it was given, rather than one spelling of it. */
const isGiven: Readonly<Record<NameOfContact['kind'], string>> = {
  contactId: 'contact_id::text = $3::text',
  externalCustomerId: 'external_customer_id = $3::text',
  email: 'lower(email) = lower($3::text)',
  phone: `regexp_replace(phone, '\\D', '', 'g') = $3::text`,
};

/** Spellings of a phone number are one number: a no to any of them counts. Of another name they count where nobody has it as it was given. */
const counts = (kind: NameOfContact['kind']): string =>
  kind === 'phone' ? 'true' : 'is_given = (select bool_or(is_given) from candidate)';

/**
 * Of several contacts with one address the one that has it as it was given is named, then the latest seen, and one no is enough: so all of them are
 * read, however many there are, within the time that an answer has. `Z` rather than an offset: texts of two answers can then be compared as such.
 */
const sqlFor = (kind: NameOfContact['kind']): string => `
  with candidate as materialized (
    select *, ${isGiven[kind]} as is_given from vidhuk.contact_status where source = $1 and ${whom[kind]}
  ), found as materialized (
    select * from candidate where ${counts(kind)}
  ), channel as materialized (
    select c.media_type, bool_and(c.may_write) as may_write
    from found join vidhuk.contact_channel_status c using (source, contact_id) group by c.media_type
  )
  select contact_id::text as "contactId", subscriptions,
    (select coalesce(json_object_agg(media_type, may_write order by media_type collate "C"), '{}') from channel) as "mayWrite",
    array(select media_type collate "C" from channel where may_write order by 1) as reachable,
    (select bool_or(blacklisted) from found) as blacklisted,
    (select bool_or(unsubscribed) from found) as unsubscribed,
    ${time('last_opened_at')} as "lastOpenedAt", ${time('last_clicked_at')} as "lastClickedAt", ${time('last_delivered_at')} as "lastDeliveredAt"
  from found order by is_given desc, last_activity_at desc, contact_id limit 1`;

const time = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

type Row = Omit<Extract<ContactAnswer, { known: true }>, 'known' | 'contactId'> & { contactId: string };

/** Rejects with the driver's error. */
export async function readContactAnswer(pool: Pool, source: string, { kind, text }: NameOfContact): Promise<ContactAnswer> {
  const phones = kind === 'phone' ? phoneSpellings(foldName(text)) : [];
  const value = kind === 'contactId' ? text : kind === 'phone' ? phones : nameSpellings(text);
  const given = phones[0] ?? text.trim();
  const { rows } = await pool.query<Row>({ name: `contact by ${kind}`, text: sqlFor(kind), values: [source, value, given] });
  const [row] = rows;
  if (row === undefined) return { known: false };
  const { contactId, mayWrite, reachable, blacklisted, unsubscribed, subscriptions, ...times } = row;
  return { known: true, contactId: Number(contactId), mayWrite, reachable, blacklisted, unsubscribed, subscriptions, ...times };
}
