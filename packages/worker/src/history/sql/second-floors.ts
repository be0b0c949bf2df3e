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

const ofPage = 'unnest($1::text[], $2::bigint[]) as page(source, contact_id)';
const valuesOf = (page: readonly ContactKey[]): unknown[] => [
  page.map(({ source }) => source),
  page.map(({ contact_id }) => contact_id),
];

/** Of these contacts. Those with times of their own; the others have rows in the log, and get their names behind them. */
export async function copyFloors(
  client: ClientBase,
  schema: string,
  source: string | null,
  page: readonly ContactKey[],
): Promise<void> {
  const which = `join ${ofPage} using (source, contact_id) where last_activity_at is not null and ($3::text is null or source = $3)`;
  await client.query(
    `insert into ${schema}.contact_status (${ofContacts}, reachable)
     select ${ofContacts}, coalesce((select array_agg(media_type order by media_type collate "C") from vidhuk.contact_channel_floor c
       where c.source = f.source and c.contact_id = f.contact_id and c.last_activity_at is not null), '{}')
     from vidhuk.contact_floor f ${which}`,
    [...valuesOf(page), source],
  );
  await client.query(
    `insert into ${schema}.contact_channel_status (${channelRows.names}) select ${channelRows.names} from vidhuk.contact_channel_floor ${which}`,
    [...valuesOf(page), source],
  );
}

/** Names and addresses of these contacts into rows that the floors alone did not make. */
export async function mergeFloorNames(client: ClientBase, schema: string, page: readonly ContactKey[]): Promise<void> {
  await client.query(
    `update ${schema}.contact_status t set ${mergeAssignments(contactTimeColumns, contactDated)}
     from vidhuk.contact_floor as excluded join ${ofPage} using (source, contact_id)
     where excluded.source = t.source and excluded.contact_id = t.contact_id
       and (${contactDated.map(isLater).join(' or ')})`,
    valuesOf(page),
  );
  await client.query(
    `update ${schema}.contact_channel_status t
     set ${mergeAssignments(channelTimeColumns, channelDated)}, former_addresses = ${formerAddresses}
     from vidhuk.contact_channel_floor as excluded join ${ofPage} using (source, contact_id)
     where excluded.source = t.source and excluded.contact_id = t.contact_id and excluded.media_type = t.media_type and excluded.address is not null`,
    valuesOf(page),
  );
}

const pageSize = 5_000;
const behind = `where $1::text is null or (source, contact_id) > ($1, $2::bigint) order by source, contact_id limit ${pageSize}`;

/** Whoever has a floor, in order: some have an address of a channel, and nothing else. */
export function pageOfFloors(dataSource: DataSource, after: ContactKey | undefined): Promise<ContactKey[]> {
  return dataSource.query<ContactKey[]>(
    `select source, contact_id from (
       (select source, contact_id from vidhuk.contact_floor ${behind})
       union (select distinct source, contact_id from vidhuk.contact_channel_floor ${behind})
     ) as either order by source, contact_id limit ${pageSize}`,
    [after?.source ?? null, after?.contact_id ?? null],
  );
}
