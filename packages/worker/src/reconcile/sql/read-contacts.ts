import type { DataSource } from 'typeorm';

/** What we hold of a contact; times in ms since 1970. */
export interface HeldContact {
  contactId: number;
  delivered: number | null;
  opened: number | null;
  clicked: number | null;
  /** The latest activity of any kind. */
  latest: number | null;
  unsubscribed: boolean | null;
  blacklisted: boolean | null;
}

const ms = (column: string): string => `extract(epoch from ${column})::float8 * 1000`;

const sql = `
  select c.contact_id::float8 as "contactId", ${ms('c.last_delivered_at')} as delivered, ${ms('c.last_opened_at')} as opened,
    ${ms('c.last_clicked_at')} as clicked, ${ms('c.last_activity_at')} as latest, e.unsubscribed, e.blacklisted
  from vidhuk.contact_status c
  left join vidhuk.contact_channel_status e on e.source = c.source and e.contact_id = c.contact_id and e.media_type = 'email'
  where c.source = $1 and c.contact_id = any($2::bigint[])`;

/** Those of `ids` that we know, by id; the flags are of their e-mail. */
export async function readContacts(
  dataSource: DataSource,
  source: string,
  ids: readonly number[],
): Promise<Map<number, HeldContact>> {
  const rows = await dataSource.query<HeldContact[]>(sql, [source, ids]);
  return new Map(rows.map((row) => [row.contactId, row]));
}
