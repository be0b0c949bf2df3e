import type { DataSource } from 'typeorm';

/** Another contact that may be the same person. */
export interface Namesake {
  contactId: number;
  /** What they have in common. */
  shares: 'external id' | 'e-mail address' | 'phone number' | 'address';
  value: string;
}

/** Each branch has its index. A push token that has moved on is an address, too. */
const sql = `
  with own as (select * from vidhuk.contact_status where source = $1 and contact_id = $2),
    addresses as (select media_type, lower(address) as address from vidhuk.contact_channel_status
      where source = $1 and contact_id = $2 and address is not null)
  select distinct on (contact_id) contact_id::float8 as "contactId", shares, value from (
    select 1 as rank, c.contact_id, 'external id' as shares, c.external_customer_id as value
      from own join vidhuk.contact_status c on c.external_customer_id = own.external_customer_id and c.source = own.source
    union all
    select 2, c.contact_id, 'e-mail address', c.email
      from own join vidhuk.contact_status c on lower(c.email) = lower(own.email) and c.source = own.source
    union all
    select 3, c.contact_id, 'phone number', c.phone
      from own join vidhuk.contact_status c
        on regexp_replace(c.phone, '\\D', '', 'g') = regexp_replace(own.phone, '\\D', '', 'g') and c.source = own.source
    union all
    select 4, c.contact_id, 'address', c.address
      from addresses join vidhuk.contact_channel_status c
        on lower(c.address) = addresses.address and c.media_type = addresses.media_type and c.source = $1
  ) as alike
  where contact_id <> $2
  order by contact_id, rank limit $3`;

/** At most `limit` of them, by id. */
export const readNamesakes = (
  dataSource: DataSource,
  { source, contactId }: { source: string; contactId: number },
  limit: number,
): Promise<Namesake[]> => dataSource.query<Namesake[]>(sql, [source, contactId, limit]);
