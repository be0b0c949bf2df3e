/** The floors of one contact, as the fold takes them. */
import type { ClientBase } from 'pg';
import { DataSource } from 'typeorm';
import type { Fold } from '../fold.js';
import { timeColumns } from '../rules.js';

type Row = Record<string, unknown>;

/** Names that belong to a time after `until` (ms since 1970) are left out, as if they had never come. */
export async function readFloors(
  database: DataSource | ClientBase,
  { source, contactId }: { source: string; contactId: number },
  until = Infinity,
): Promise<Fold> {
  const read = async (table: string): Promise<Row[]> => {
    const sql = `select * from vidhuk.${table} where source = $1 and contact_id = $2`;
    if (database instanceof DataSource) return database.query<Row[]>(sql, [source, contactId]);
    return (await database.query<Row>(sql, [source, contactId])).rows;
  };
  const timed = (row: Row) => ({
    source,
    contactId,
    times: timeColumns.map((column) => msOf(row[column]) ?? -Infinity),
    firstActivityAt: msOf(row.first_activity_at) ?? Infinity,
  });
  const dated = (row: Row, column: string) => {
    const at = msOf(row[`${column}_at`]);
    return at === undefined || at > until ? null : { at, value: row[column] };
  };
  const text = (row: Row, column: string) => dated(row, column) as { at: number; value: string } | null;
  return {
    contacts: (await read('contact_floor')).map((row) => ({
      ...timed(row),
      email: text(row, 'email'),
      phone: text(row, 'phone'),
      externalCustomerId: text(row, 'external_customer_id'),
      subscriptions: dated(row, 'subscriptions') as { at: number; value: string[] } | null,
      mediaTypes: [],
    })),
    channels: (await read('contact_channel_floor')).map((row) => {
      const blacklistedAt = msOf(row.blacklisted_at);
      return {
        ...timed(row),
        mediaType: row.media_type as string,
        blacklistReason:
          blacklistedAt === undefined ? null : { at: blacklistedAt, value: (row.blacklist_reason as string | null) ?? '' },
        address: text(row, 'address'),
        formerAddresses: row.former_addresses as string[] | null,
      };
    }),
  };
}

const msOf = (value: unknown): number | undefined => (value instanceof Date ? value.getTime() : undefined);
