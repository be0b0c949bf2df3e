/** Statements that carry over into a second set of tables what no body tells any more. */
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import type { ContactKey } from '../../projection/sql/contact-key.js';
import { isLater, mergeAssignments } from '../../projection/sql/merge.js';
import { channelDated, channelRows, formerAddresses } from '../../projection/sql/upsert-contact-channel-status.js';
import { contactDated, contactRows } from '../../projection/sql/upsert-contact-status.js';
import { channelTimeColumns, contactTimeColumns } from '../../projection/rules.js';

const ofContacts = contactRows.columns
  .map(({ name }) => name)
  .filter((name) => name !== 'reachable')
  .join(', ');

/** Those with times of their own; the others have rows in the log, and get their names behind them. */
export async function copyFloors(client: ClientBase, schema: string, source: string | null): Promise<void> {
  const which = 'where last_activity_at is not null and ($1::text is null or source = $1)';
  await client.query(
    `insert into ${schema}.contact_status (${ofContacts}, reachable)
     select ${ofContacts}, coalesce((select array_agg(media_type order by media_type collate "C") from vidhuk.contact_channel_floor c
       where c.source = f.source and c.contact_id = f.contact_id and c.last_activity_at is not null), '{}')
     from vidhuk.contact_floor f ${which}`,
    [source],
  );
  await client.query(
    `insert into ${schema}.contact_channel_status (${channelRows.names}) select ${channelRows.names} from vidhuk.contact_channel_floor ${which}`,
    [source],
  );
}

/** Names and addresses into rows that the floors alone did not make. */
export async function mergeFloorNames(client: ClientBase, schema: string): Promise<void> {
  await client.query(
    `update ${schema}.contact_status t set ${mergeAssignments(contactTimeColumns, contactDated)}
     from vidhuk.contact_floor as excluded
     where excluded.source = t.source and excluded.contact_id = t.contact_id
       and (${contactDated.map(isLater).join(' or ')})`,
  );
  await client.query(
    `update ${schema}.contact_channel_status t
     set ${mergeAssignments(channelTimeColumns, channelDated)}, former_addresses = ${formerAddresses}
     from vidhuk.contact_channel_floor as excluded
     where excluded.source = t.source and excluded.contact_id = t.contact_id and excluded.media_type = t.media_type and excluded.address is not null`,
  );
}

const pageSize = 5_000;

/** Whoever has a floor, in order. */
export function pageOfFloors(dataSource: DataSource, after: ContactKey | undefined): Promise<ContactKey[]> {
  return dataSource.query<ContactKey[]>(
    `select source, contact_id from vidhuk.contact_floor where $1::text is null or (source, contact_id) > ($1, $2::bigint)
     order by source, contact_id limit ${pageSize}`,
    [after?.source ?? null, after?.contact_id ?? null],
  );
}
