import type { ClientBase } from 'pg';
import type { ChannelRow } from '../fold.js';
import { changesSomething, mergeAssignments, sharedColumns, type DatedColumn } from './merge.js';
import { bigintColumn, RowArray, textColumn, timeColumn, type EncodedRows } from '../../db/rows/row-array.js';

export const channelRows = new RowArray<ChannelRow>('vidhuk.channel_input', [
  textColumn('source', (row) => row.source),
  bigintColumn('contact_id', (row) => row.contactId),
  textColumn('media_type', (row) => row.mediaType),
  textColumn('address', (row) => row.address?.value),
  timeColumn('address_at', (row) => row.address?.at),
  ...sharedColumns,
]);
const dated: readonly DatedColumn[] = [
  { column: 'address', at: 'address_at', empty: `''` },
  { column: 'blacklist_reason', at: 'blacklisted_at', empty: `''` },
];

export interface ContactKey {
  source: string;
  /** bigint, as the driver gives it. */
  contact_id: string;
}

const sql = `
  with changed as (
    insert into vidhuk.contact_channel_status as t (${channelRows.names}) select ${channelRows.names} from ${channelRows.unnested}
    order by source, contact_id, media_type
    on conflict (source, contact_id, media_type) do update set
        ${mergeAssignments(dated)}
      where ${changesSomething(dated)}
    returning source, contact_id, blacklisted_at, unsubscribed_at
  )
  select distinct source, contact_id from changed where blacklisted_at is not null or unsubscribed_at is not null`;

/**
 * Folds rows, each channel once, into the stored ones, under the lock of their contacts. The channel's flags are generated columns. Gives the
 * contacts of which a flag may have turned: a channel that was never blacklisted or unsubscribed has no say in it, nor one that did not change.
 */
export async function upsertContactChannelStatus(client: ClientBase, channels: EncodedRows<ChannelRow>): Promise<ContactKey[]> {
  const values = [channelRows.parameter(client, channels)];
  return (await client.query<ContactKey>({ name: 'upsert-contact-channel-status', text: sql, values })).rows;
}
