/** Which addresses contacts have or had, and who else has or had them. */
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import type { ContactKey } from '../../../projection/sql/contact-key.js';

const held = (where: string): string => `
  select source, contact_id, address from (
    select source, contact_id, unnest(array[email, phone, external_customer_id]) as address from vidhuk.contact_status
    union all
    select source, contact_id, unnest(array[email, phone, external_customer_id]) from vidhuk.contact_floor
    union all
    select source, contact_id, unnest(array_append(coalesce(former_addresses, '{}'), address)) from vidhuk.contact_channel_floor
    union all
    select source, contact_id, unnest(array_append(coalesce(former_addresses, '{}'), address)) from vidhuk.contact_channel_status
  ) as known where address is not null and (${where})`;

/** All of them, each once, as they were sent. */
export async function readAddresses(dataSource: DataSource, source: string, contactIds: readonly number[]): Promise<string[]> {
  const rows = await dataSource.query<{ address: string }[]>(
    `select distinct address from (${held('source = $1 and contact_id = any($2::bigint[])')}) as held order by address`,
    [source, contactIds],
  );
  return rows.map(({ address }) => address);
}

/** Those of `addresses` that another contact of the source has or had, whatever their case. */
export async function readOtherHolders(
  dataSource: DataSource,
  source: string,
  contactIds: readonly number[],
  addresses: readonly string[],
): Promise<string[]> {
  const rows = await dataSource.query<{ address: string }[]>(
    `select distinct wanted.address from unnest($3::text[]) as wanted(address)
     where exists (select from (
       ${held('source = $1 and contact_id <> all($2::bigint[])')}
     ) as other where lower(other.address) = lower(wanted.address))`,
    [source, contactIds, addresses],
  );
  return rows.map(({ address }) => address);
}

/** Whoever has or had this address, in any channel; `source` null: in any. */
export function readHolders(dataSource: DataSource, address: string, source: string | null): Promise<ContactKey[]> {
  return dataSource.query<ContactKey[]>(
    `select source, contact_id from vidhuk.contact_channel_status
     where (lower(address) = lower($1) or (former_addresses is not null and lower($1) in (select lower(a) from unnest(former_addresses) as a)))
       and ($2::text is null or source = $2)
     group by source, contact_id order by source, contact_id`,
    [address, source],
  );
}

/** The externalCustomerId of each contact that has one, by source and contact. */
export async function readExternalIds(
  client: ClientBase,
  contacts: readonly { source: string; contactId: number }[],
): Promise<Map<string, string>> {
  const { rows } = await client.query<ContactKey & { external_customer_id: string }>(
    `select source, contact_id, external_customer_id from vidhuk.contact_status join unnest($1::text[], $2::bigint[]) as t(source, contact_id)
       using (source, contact_id) where external_customer_id is not null`,
    [contacts.map(({ source }) => source), contacts.map(({ contactId }) => contactId)],
  );
  return new Map(rows.map((row) => [`${row.source} ${row.contact_id}`, row.external_customer_id]));
}
