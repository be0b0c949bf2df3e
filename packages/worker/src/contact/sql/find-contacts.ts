import type { DataSource } from 'typeorm';
import type { ContactKey } from '../../projection/sql/upsert-contact-channel-status.js';

/**
 * Whom a term may mean: an e-mail address (whatever its case), a contact id, an external id, a phone number (digits only). Each branch has its
 * index; a term of digits may be several of them, and one address may belong to several contacts.
 */
export async function findContacts(dataSource: DataSource, term: string, source: string | null): Promise<ContactKey[]> {
  const digits = term.replace(/\D/g, '');
  const isPhone = digits.length >= 5 && /^[\d\s()+./-]+$/.test(term);
  const isId = /^\d{1,16}$/.test(term) && Number.isSafeInteger(Number(term));
  return dataSource.query<ContactKey[]>(
    `select distinct source, contact_id from (
       select source, contact_id from vidhuk.contact_status where lower(email) = lower($1)
       union all select source, contact_id from vidhuk.contact_status where external_customer_id = $1
       union all select source, contact_id from vidhuk.contact_status where regexp_replace(phone, '\\D', '', 'g') = $2
       union all select s.source, s.contact_id from unnest($5::text[]) as known(source) join vidhuk.contact_status s on s.source = known.source and s.contact_id = $3
     ) as found
     where $4::text is null or source = $4
     order by source, contact_id limit 100`,
    [term, isPhone ? digits : null, isId ? term : null, source, isId ? await sources(dataSource) : []],
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
