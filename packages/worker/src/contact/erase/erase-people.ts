/** `vidhuk erase`: tombstones first, then every place, then a look whether anything is left. */
import type { ClientBase } from 'pg';
import { foldAddress } from '../../activity/people.js';
import { onConnection } from '../../db/on-connection.js';
import type { Action } from '../../follow-up/action.js';
import { planErasures } from '../../follow-up/plan-erasures.js';
import { throughConflicts } from '../../db/through-conflicts.js';
import { inTransaction } from '../../db/transaction.js';
import { keyCheckOf, Tombstones, tombstoneHash } from '../../projection/tombstones.js';
import { announceErasing, endErasing, writeTombstones } from '../../projection/sql/tombstones.js';
import { recordAct } from '../sql/record-act.js';
import { forgetStatistics } from './forget-statistics.js';
import type { Person } from './person.js';
import { readExternalIds } from './sql/read-addresses.js';
import type { ErasureParts } from './place.js';
import { places } from './places.js';

/** By name of the place. */
export type Found = Record<string, number>;

/** What each place holds of them; nothing is changed. */
export const findPeople = (parts: ErasureParts, people: readonly Person[]): Promise<Found> => eachPlace(parts, people, true);

/**
 * Erases them. May be called again, also after it was interrupted. `left`: what a second look still found, which is to be nothing. `key` is ERASE_KEY; throws
 * a ConfigurationError where others were erased by another one. `actions`: those with `on: erase` are planned, for whom was not erased before.
 */
export async function erasePeople(
  parts: ErasureParts,
  people: readonly Person[],
  { key, who, actions = [] }: { key: string; who: string; actions?: readonly Action[] },
): Promise<{ erased: Found; left: Found; told: number }> {
  return onConnection(parts.dataSource, async (client) => {
    await announceErasing(client); // a rebuild's tables take no places meanwhile: they are emptied of these people as the others are
    try {
      return await eraseFrom(parts, people, { key, who, actions });
    } finally {
      await endErasing(client);
    }
  });
}

async function eraseFrom(
  parts: ErasureParts,
  people: readonly Person[],
  { key, who, actions }: { key: string; who: string; actions: readonly Action[] },
): Promise<{ erased: Found; left: Found; told: number }> {
  const { dataSource } = parts;
  await inTransaction(dataSource, (client) => new Tombstones(key).load(client));
  const told = await throughConflicts(() => inTransaction(dataSource, (client) => bury(client, people, key, actions)));
  const erased = await eachPlace(parts, people, false);
  const left = await eachPlace(parts, people, true);
  for (const { source, contactIds } of people)
    await recordAct(dataSource, { who, command: 'erase', detail: { source, contacts: contactIds.length, erased, left } });
  await forgetStatistics(dataSource);
  return { erased, left, told };
}

/** Gives how many follow-ups tell others of it. */
async function bury(client: ClientBase, people: readonly Person[], key: string, actions: readonly Action[]): Promise<number> {
  const tombstones = people.flatMap(({ source, contactIds, addresses }) => [
    ...contactIds.map((id) => ({ source, kind: 'contact' as const, hash: tombstoneHash(key, source, 'contact', String(id)) })),
    ...addresses.flatMap((address) => {
      const folded = foldAddress(address);
      return folded === null ? [] : [{ source, kind: 'address' as const, hash: tombstoneHash(key, source, 'address', folded) }];
    }),
  ]);
  const written = await writeTombstones(client, tombstones, keyCheckOf(key));
  const contacts = people.flatMap(({ source, contactIds }) =>
    contactIds.map((contactId) => ({ source, contactId, hash: tombstoneHash(key, source, 'contact', String(contactId)) })),
  );
  const fresh = contacts.filter(({ hash }) => written.has(hash.toString('hex')));
  const telling = actions.filter(({ when }) => when.erasure !== null);
  if (fresh.length === 0 || telling.length === 0) return 0;
  const externalIds = await readExternalIds(client, fresh);
  const named = fresh.map((each) => ({
    ...each,
    externalCustomerId: externalIds.get(`${each.source} ${each.contactId}`) ?? null,
  }));
  return planErasures(client, telling, named);
}

async function eachPlace(parts: ErasureParts, people: readonly Person[], trial: boolean): Promise<Found> {
  const found: Found = {};
  for (const { name, erase } of places)
    for (const person of people) found[name] = (found[name] ?? 0) + (await erase(parts, person, trial));
  return found;
}
