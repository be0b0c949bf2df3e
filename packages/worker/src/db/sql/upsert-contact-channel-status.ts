import type { ClientBase } from 'pg';
import type { ChannelRow } from '../../projection/fold.js';
import { changesSomething, mergeAssignments, timeColumnNames, timeColumnTypes, toIso, type DatedColumn } from './merge.js';
import { timesOf } from './times-of.js';

const dated: readonly DatedColumn[] = [
  { column: 'address', at: 'address_at', empty: `''` },
  { column: 'blacklist_reason', at: 'blacklisted_at', empty: `''` },
];

const sql = `
  insert into vidhuk.contact_channel_status as t
    (source, contact_id, media_type, address, address_at, blacklist_reason, ${timeColumnNames})
  select source, contact_id, media_type, address, address_at, blacklist_reason, ${timeColumnNames}
  from json_to_recordset($1) as r(
    source text, contact_id bigint, media_type text, address text, address_at timestamptz, blacklist_reason text, ${timeColumnTypes})
  order by source, contact_id, media_type
  on conflict (source, contact_id, media_type) do update set
      ${mergeAssignments(dated)}
    where ${changesSomething(dated)}`;

/** Folds `rows`, each channel once, into the stored ones, under the lock of their contacts. The channel's flags are generated columns. */
export async function upsertContactChannelStatus(client: ClientBase, rows: readonly ChannelRow[]): Promise<void> {
  const records = rows.map((row) => ({
    source: row.source,
    contact_id: row.contactId,
    media_type: row.mediaType,
    address: row.address?.value,
    address_at: toIso(row.address?.at),
    ...timesOf(row),
  }));
  await client.query({ name: 'upsert-contact-channel-status', text: sql, values: [JSON.stringify(records)] });
}
