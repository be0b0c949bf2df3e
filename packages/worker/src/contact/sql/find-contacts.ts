import type { DataSource } from 'typeorm';
import type { ContactKey } from '../../projection/sql/contact-key.js';
import { foldName, nameSpellings, phoneSpellings } from '@vidhuk/shared';

/** What somebody calls a contact by: `any` is for a word of which nobody said what it is. */
export interface ContactName {
  kind: 'any' | 'email' | 'phone' | 'id' | 'externalId';
  text: string;
}

/**
 * Whom a name may mean: an e-mail address (whatever its case), a contact id, an external id, a phone number (however it is written). Each branch has its
 * index; a word of digits may be several of them, and one address may belong to several contacts.
 */
export async function findContacts(
  dataSource: DataSource,
  { kind, text: given }: ContactName,
  source: string | null,
): Promise<ContactKey[]> {
  const may = (other: ContactName['kind']) => kind === 'any' || kind === other;
  const text = foldName(given);
  const names = nameSpellings(given);
  const phones = may('phone') ? phoneSpellings(text) : [];
  const isId = may('id') && /^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text));
  return dataSource.query<ContactKey[]>(
    `select distinct source, contact_id from (
       select source, contact_id from vidhuk.contact_status where lower(email) = any(array(select lower(name) from unnest($1::text[]) as name))
       union all select source, contact_id from vidhuk.contact_status where external_customer_id = any($2::text[])
       union all select source, contact_id from vidhuk.contact_status where regexp_replace(phone, '\\D', '', 'g') = any($3::text[])
       union all select s.source, s.contact_id from unnest($6::text[]) as known(source) join vidhuk.contact_status s on s.source = known.source and s.contact_id = $4
     ) as found
     where $5::text is null or source = $5
     order by source, contact_id limit 100`,
    [
      may('email') ? names : [],
      may('externalId') ? names : [],
      phones,
      isId ? text : null,
      source,
      isId ? await sources(dataSource) : [],
    ],
  );
}

/** The sources that have contacts, by jumping from one to the next in the primary key. */
async function sources(dataSource: DataSource): Promise<string[]> {
  const rows = await dataSource.query<{ source: string }[]>(`
    with recursive known(source) as (
      (select source from vidhuk.contact_status order by source limit 1)
      union all
      select (select source from vidhuk.contact_status s where s.source > known.source order by source limit 1) from known where known.source is not null
    ) select source from known where source is not null`);
  return rows.map((row) => row.source);
}
