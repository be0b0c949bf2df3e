import type { ClientBase } from 'pg';
import { bigintColumn, RowArray, textColumn, textsColumn, timeColumn, type EncodedRows } from '../../db/rows/row-array.js';
import { mostFormerAddresses, type ChannelRow } from '../fold.js';
import { channelTimeColumns } from '../rules.js';
import type { ContactKey } from './contact-key.js';
import { changesSomething, columnsOfTimes, isLater, mergeAssignments, type DatedColumn } from './merge.js';

export const channelRows = new RowArray<ChannelRow>('vidhuk.channel_input', [
  textColumn('source', (row) => row.source),
  bigintColumn('contact_id', (row) => row.contactId),
  textColumn('media_type', (row) => row.mediaType),
  textColumn('address', (row) => row.address?.value),
  timeColumn('address_at', (row) => row.address?.at),
  textsColumn('former_addresses', (row) => row.formerAddresses),
  textColumn('blacklist_reason', ({ blacklistReason }) => (blacklistReason?.value === '' ? null : blacklistReason?.value)),
  ...columnsOfTimes<ChannelRow>(channelTimeColumns),
]);
const address: DatedColumn = { column: 'address', at: 'address_at', empty: `''` };
const dated: readonly DatedColumn[] = [address, { column: 'blacklist_reason', at: 'blacklisted_at', empty: `''` }];

/** Nearly always a channel keeps its one address, and then no list is made. */
const hasOtherAddress = `(excluded.address <> t.address or excluded.former_addresses is not null)`;
const stored = 't.former_addresses || t.address';
const given = 'excluded.former_addresses || excluded.address';
/** As `formerOf` in `projection/fold.ts`: of all that ever came the greatest by bytes, without the one that it has now. */
const formerAddresses = `case when ${hasOtherAddress} then (
        select nullif(array_agg(a order by a), '{}') from (
          select distinct known collate "C" as a from unnest(${stored} || ${given}) as known where known is not null order by 1 desc limit ${mostFormerAddresses}
        ) as greatest where a <> case when ${isLater(address)} then excluded.address else t.address end
      ) else t.former_addresses end`;
const changes = `${changesSomething(channelTimeColumns, dated)}
      or (${formerAddresses}) is distinct from t.former_addresses`;

/** Of a new channel, what nearly always turns out to be so: then `decideFlags` has nothing to write. */
const isOptedOut = 'coalesce(unsubscribed_at, spam_reported_at) is not null';

const sql = `
  with changed as (
    insert into vidhuk.contact_channel_status as t (${channelRows.names}, unsubscribed)
    select ${channelRows.names}, ${isOptedOut} from ${channelRows.unnested}
    order by source, contact_id, media_type
    on conflict (source, contact_id, media_type) do update set
        ${mergeAssignments(channelTimeColumns, dated)},
        former_addresses = ${formerAddresses},
        updated_at = now()
      where ${changes}
    returning source, contact_id, blacklisted_at, unsubscribed_at, spam_reported_at
  )
  select distinct source, contact_id from changed where coalesce(blacklisted_at, unsubscribed_at, spam_reported_at) is not null`;

/**
 * Folds rows, each channel once, into the stored ones, under the lock of their contacts. Gives the contacts whose flags `decideFlags` has to look at
 * again, as far as channels tell: one that was never blacklisted and from which nobody opted out has no say in it, nor one that did not change.
 */
export async function upsertContactChannelStatus(client: ClientBase, channels: EncodedRows<ChannelRow>): Promise<ContactKey[]> {
  const values = [channelRows.parameter(client, channels)];
  return (await client.query<ContactKey>({ name: 'upsert-contact-channel-status', text: sql, values })).rows;
}
