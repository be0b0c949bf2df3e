/** `vidhuk erase`: tombstones first, then every place, then a look whether anything is left. */
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { foldAddress } from '../../activity/people.js';
import { onConnection } from '../../db/on-connection.js';
import { throughConflicts } from '../../db/through-conflicts.js';
import { inTransaction } from '../../db/transaction.js';
import { keyCheckOf, Tombstones, tombstoneHash } from '../../projection/tombstones.js';
import { announceErasing, endErasing, writeTombstones } from '../../projection/sql/tombstones.js';
import { recordAct } from '../sql/record-act.js';
import type { Person } from './person.js';
import type { ErasureParts } from './place.js';
import { places } from './places.js';

/** By name of the place. */
export type Found = Record<string, number>;

/** What each place holds of them; nothing is changed. */
export const findPeople = (parts: ErasureParts, people: readonly Person[]): Promise<Found> => eachPlace(parts, people, true);

/**
 * Erases them. May be called again, also after it was interrupted. `left`: what a second look still found, which is to be nothing. `key` is ERASE_KEY; throws
 * a ConfigurationError where others were erased by another one.
 */
export async function erasePeople(
  parts: ErasureParts,
  people: readonly Person[],
  { key, who }: { key: string; who: string },
): Promise<{ erased: Found; left: Found }> {
  return onConnection(parts.dataSource, async (client) => {
    await announceErasing(client); // a rebuild's tables take no places meanwhile: they are emptied of these people as the others are
    try {
      return await eraseFrom(parts, people, { key, who });
    } finally {
      await endErasing(client);
    }
  });
}

async function eraseFrom(
  parts: ErasureParts,
  people: readonly Person[],
  { key, who }: { key: string; who: string },
): Promise<{ erased: Found; left: Found }> {
  const { dataSource } = parts;
  await inTransaction(dataSource, (client) => new Tombstones(key).load(client));
  await throughConflicts(() => inTransaction(dataSource, (client) => bury(client, people, key)));
  const erased = await eachPlace(parts, people, false);
  const left = await eachPlace(parts, people, true);
  for (const { source, contactIds } of people)
    await recordAct(dataSource, { who, command: 'erase', detail: { source, contacts: contactIds.length, erased, left } });
  await forgetStatistics(dataSource);
  return { erased, left };
}

async function bury(client: ClientBase, people: readonly Person[], key: string): Promise<void> {
  const tombstones = people.flatMap(({ source, contactIds, addresses }) => [
    ...contactIds.map((id) => ({ source, kind: 'contact' as const, hash: tombstoneHash(key, source, 'contact', String(id)) })),
    ...addresses.flatMap((address) => {
      const folded = foldAddress(address);
      return folded === null ? [] : [{ source, kind: 'address' as const, hash: tombstoneHash(key, source, 'address', folded) }];
    }),
  ]);
  await writeTombstones(client, tombstones, keyCheckOf(key));
}

async function eachPlace(parts: ErasureParts, people: readonly Person[], trial: boolean): Promise<Found> {
  const found: Found = {};
  for (const { name, erase } of places)
    for (const person of people) found[name] = (found[name] ?? 0) + (await erase(parts, person, trial));
  return found;
}

/** The planner's statistics hold values of columns: they are gathered anew. */
async function forgetStatistics(dataSource: DataSource): Promise<void> {
  const tables = [
    'contact_status',
    'contact_channel_status',
    'contact_floor',
    'contact_channel_floor',
    'activity',
    'batch',
    'rejected_activity',
    'follow_up',
  ];
  await inTransaction(dataSource, async (client) => {
    for (const table of tables) await client.query(`analyze vidhuk.${table}`);
  });
}
