/** The floors: what activities that are in no log, and bodies that are gone, have left in the statuses; merged as those are. */
import type { ClientBase } from 'pg';
import { learnTypes } from '../../db/rows/row-array.js';
import { slicesOf } from '../../db/slices.js';
import type { Fold } from '../fold.js';
import { channelTimeColumns, contactTimeColumns } from '../rules.js';
import { changesSomething, isLater, mergeAssignments, type DatedColumn } from './merge.js';
import { channelChanges, channelDated, channelRows, formerAddresses } from './upsert-contact-channel-status.js';
import { contactDated, contactRows } from './upsert-contact-status.js';

/** Held by whoever takes floors from the log, beside others of its kind; an erasure waits for those. */
export const floorsLock = `hashtextextended('vidhuk floors', 0)`;

const contactNames = contactRows.columns
  .map(({ name }) => name)
  .filter((name) => name !== 'reachable')
  .join(', ');

const contactSql = `
  insert into vidhuk.contact_floor as t (${contactNames}) select ${contactNames} from ${contactRows.unnested}
  order by source, contact_id
  on conflict (source, contact_id) do update set ${mergeAssignments(contactTimeColumns, contactDated)}
  where ${changesSomething(contactTimeColumns, contactDated)}`;

const channelSql = `
  insert into vidhuk.contact_channel_floor as t (${channelRows.names}) select ${channelRows.names} from ${channelRows.unnested}
  order by source, contact_id, media_type
  on conflict (source, contact_id, media_type) do update set ${mergeAssignments(channelTimeColumns, channelDated)}, former_addresses = ${formerAddresses}
  where ${channelChanges}`;

/** Merges all of it. */
export const upsertFloors = (client: ClientBase, fold: Fold): Promise<void> => send(client, fold, contactSql, channelSql);

const inBodiesOnly: readonly DatedColumn[] = contactDated.filter(({ column }) => column !== 'subscriptions');
const names = inBodiesOnly.flatMap(({ column, at }) => [column, at]);
const merged = inBodiesOnly
  .flatMap((dated) => [
    `${dated.column} = case when ${isLater(dated)} then excluded.${dated.column} else t.${dated.column} end`,
    `${dated.at} = greatest(t.${dated.at}, excluded.${dated.at})`,
  ])
  .join(', ');
const [address] = channelDated.filter(({ column }) => column === 'address') as [DatedColumn];
const channelNames = 'address, address_at, former_addresses';

const contactNamesSql = `
  insert into vidhuk.contact_floor as t (source, contact_id, ${names.join(', ')}) select source, contact_id, ${names.join(', ')} from ${contactRows.unnested}
  where coalesce(${inBodiesOnly.map(({ at }) => at).join(', ')}) is not null
  order by source, contact_id
  on conflict (source, contact_id) do update set ${merged} where ${inBodiesOnly.map(isLater).join(' or ')}`;

const channelNamesSql = `
  insert into vidhuk.contact_channel_floor as t (source, contact_id, media_type, ${channelNames})
  select source, contact_id, media_type, ${channelNames} from ${channelRows.unnested} where address_at is not null
  order by source, contact_id, media_type
  on conflict (source, contact_id, media_type) do update set
    address = case when ${isLater(address)} then excluded.address else t.address end, address_at = greatest(t.address_at, excluded.address_at),
    former_addresses = ${formerAddresses}
  where ${isLater(address)} or (${formerAddresses}) is distinct from t.former_addresses`;

/** Merges what only bodies tell, names and addresses: times stay with the log. */
export const upsertFloorNames = (client: ClientBase, fold: Fold): Promise<void> =>
  send(client, fold, contactNamesSql, channelNamesSql);

async function send(client: ClientBase, { contacts, channels }: Fold, ofContacts: string, ofChannels: string): Promise<void> {
  await learnTypes(client, [contactRows, channelRows]);
  for (const slice of slicesOf(contacts))
    await client.query(ofContacts, [contactRows.parameter(client, contactRows.encode(slice))]);
  for (const slice of slicesOf(channels))
    await client.query(ofChannels, [channelRows.parameter(client, channelRows.encode(slice))]);
}
