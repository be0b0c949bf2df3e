/** Whom to erase: the contacts of one source, and the addresses that are theirs and nobody else's. */
import type { DataSource } from 'typeorm';
import { foldAddress, type People } from '../../activity/people.js';
import { readAddresses, readOtherHolders } from './sql/read-addresses.js';

export interface Person {
  source: string;
  contactIds: number[];
  /** As they were sent. */
  addresses: string[];
  /** Others have or had these too: they stay. */
  shared: string[];
}

/** `contactIds` need not be known: what the quarantine, bodies and the log hold of them is found by their ids. */
export async function describePerson(dataSource: DataSource, source: string, contactIds: number[]): Promise<Person> {
  const all = await readAddresses(dataSource, source, contactIds);
  const others = new Set(await readOtherHolders(dataSource, source, contactIds, all));
  const tells = all.filter((address) => foldAddress(address) !== null);
  return {
    source,
    contactIds,
    addresses: tells.filter((address) => !others.has(address)),
    shared: tells.filter((address) => others.has(address)),
  };
}

export function peopleOf({ contactIds, addresses }: Pick<Person, 'contactIds' | 'addresses'>): People {
  const ids = new Set(contactIds);
  const folded = new Set(addresses.map(foldAddress));
  return { hasContact: (id) => ids.has(id), hasAddress: (address) => folded.has(address) };
}

/** Texts of which everything that is about this person holds at least one: ids, and addresses as they may stand in JSON. */
export function hintsOf({ contactIds, addresses }: Pick<Person, 'contactIds' | 'addresses'>): string[] {
  const spellings = addresses.flatMap((address) => {
    const json = JSON.stringify(address).slice(1, -1);
    const ascii = json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
    return [address, json, ascii].flatMap((text) => [text, text.toLowerCase(), text.toUpperCase()]);
  });
  return [...new Set([...contactIds.map(String), ...spellings])];
}
