/** Folds activities into one row per contact and one per channel, so that a statement meets each row once. Pure; the order does not matter. */
import type { Activity } from '../activity/activity.js';
import { isAboutContact, movedColumns, timeColumns, type TimeColumn } from './rules.js';

/** A value that belongs to the latest time at which it was seen. `at` in ms since 1970. */
interface Dated<T> {
  at: number;
  value: T;
}

const nothingYet: readonly number[] = timeColumns.map(() => -Infinity);
const places = new Map<TimeColumn, number>(timeColumns.map((column, place) => [column, place]));
const placeOf = (column: TimeColumn): number => places.get(column) ?? -1;

interface Timed {
  /** ms since 1970, in the order of `timeColumns`; -Infinity where it never happened. Numbers in one array take neither time nor memory for each. See {@link timeOf}. */
  times: number[];
  firstActivityAt: number;
}

/** The latest time at which it happened, ms since 1970; `undefined`: never. */
export function timeOf({ times }: Timed, column: TimeColumn): number | undefined {
  const time = times[placeOf(column)];
  return time === -Infinity ? undefined : time;
}

/** Its times are those of all its activities, whatever their channel. */
export interface ContactRow extends Timed {
  source: string;
  contactId: number;
  email: Dated<string> | null;
  phone: Dated<string> | null;
  externalCustomerId: Dated<string> | null;
  subscriptions: Dated<string[]> | null;
  /** Media types of its channels in these activities, sorted. */
  mediaTypes: string[];
}

export interface ChannelRow extends Timed {
  source: string;
  contactId: number;
  mediaType: string;
  /** Belongs to `blacklisted_at`; '' where the sender gave no reason. */
  blacklistReason: Dated<string> | null;
  address: Dated<string> | null;
  /** Other addresses that it had, see {@link formerOf}; null: none. */
  formerAddresses: string[] | null;
}

/** Of one channel, so many addresses are remembered beside its own: those that are the greatest by bytes, so that order never shows. */
export const mostFormerAddresses = 50;

/** Sorted by key: every transaction takes its row locks in this one order. Activities without a contact are left out. */
export interface Fold {
  contacts: ContactRow[];
  channels: ChannelRow[];
}

/** `floors`: what others, which are gone, have left; a row of it that no activity moved is left out while it has no time of its own. */
export function foldActivities(activities: Iterable<Activity>, floors?: Fold): Fold {
  const people = new Map<string, Map<number, Person>>();
  const personOf = (source: string, contactId: number): Person => {
    let ofSource = people.get(source);
    if (ofSource === undefined) people.set(source, (ofSource = new Map<number, Person>()));
    let person = ofSource.get(contactId);
    if (person === undefined) ofSource.set(contactId, (person = newPerson(source, contactId)));
    return person;
  };
  if (floors !== undefined) layFloors(floors, personOf);
  for (const activity of activities)
    if (activity.contactId !== null) addActivity(personOf(activity.source, activity.contactId), activity);
  const all = [...people.values()].flatMap((ofSource) => [...ofSource.values()]).sort(byKey);
  const folded: Fold = { contacts: [], channels: [] };
  for (const { contact, channels } of all) {
    if (!hasHappened(contact)) continue;
    folded.contacts.push(contact);
    for (const { row, addresses } of [...channels.values()].sort(byMediaType)) {
      if (!hasHappened(row)) continue;
      row.formerAddresses = formerOf(addresses, row.address?.value);
      contact.mediaTypes.push(row.mediaType);
      folded.channels.push(row);
    }
  }
  return folded;
}

const hasHappened = ({ firstActivityAt }: Timed): boolean => firstActivityAt !== Infinity;

/** As if their activities had come first. */
function layFloors({ contacts, channels }: Fold, personOf: (source: string, contactId: number) => Person): void {
  for (const row of contacts) personOf(row.source, row.contactId).contact = { ...row, times: row.times.slice(), mediaTypes: [] };
  for (const row of channels) {
    const { address, formerAddresses } = row;
    const addresses =
      formerAddresses === null ? null : new Set([...formerAddresses, ...(address === null ? [] : [address.value])]);
    personOf(row.source, row.contactId).channels.set(row.mediaType, { row: { ...row, times: row.times.slice() }, addresses });
  }
}

interface Person {
  contact: ContactRow;
  /** By media type; a broken sender may name any number of them. */
  channels: Map<string, Channel>;
}

interface Channel {
  row: ChannelRow;
  /** All that came, once it is more than one. */
  addresses: Set<string> | null;
}

// Each kind of row is made in one place, with all its properties: objects of one shape are quick.

const newPerson = (source: string, contactId: number): Person => ({
  contact: {
    source,
    contactId,
    times: nothingYet.slice(),
    firstActivityAt: Infinity,
    email: null,
    phone: null,
    externalCustomerId: null,
    subscriptions: null,
    mediaTypes: [],
  },
  channels: new Map<string, Channel>(),
});

const newChannel = ({ source, contactId }: ContactRow, mediaType: string): Channel => ({
  row: {
    source,
    contactId,
    mediaType,
    times: nothingYet.slice(),
    firstActivityAt: Infinity,
    blacklistReason: null,
    address: null,
    formerAddresses: null,
  },
  addresses: null,
});

function addActivity({ contact, channels }: Person, activity: Activity): void {
  const { mediaType, occurredAt: at } = activity;
  const moved = movedColumns(activity);
  moveTimes(contact, moved, at);
  contact.email = later(contact.email, at, activity.email, compareText);
  contact.phone = later(contact.phone, at, activity.phone, compareText);
  contact.externalCustomerId = later(contact.externalCustomerId, at, activity.externalCustomerId, compareText);
  contact.subscriptions = later(contact.subscriptions, at, activity.subscriptions, compareLists);
  if (mediaType === null || isAboutContact(activity)) return;
  let channel = channels.get(mediaType);
  if (channel === undefined) channels.set(mediaType, (channel = newChannel(contact, mediaType)));
  addToChannel(channel, moved, activity);
}

function addToChannel(channel: Channel, moved: readonly TimeColumn[], activity: Activity): void {
  const { row } = channel;
  const { occurredAt: at, address, statusDescription } = activity;
  moveTimes(row, moved, at);
  if (address !== null && row.address !== null && address !== row.address.value)
    channel.addresses = (channel.addresses ?? new Set([row.address.value])).add(address);
  row.address = later(row.address, at, address, compareText);
  if (moved.includes('blacklisted_at'))
    row.blacklistReason = later(row.blacklistReason, at, statusDescription ?? '', compareText);
}

function moveTimes(row: Timed, moved: readonly TimeColumn[], at: number): void {
  row.firstActivityAt = Math.min(row.firstActivityAt, at);
  for (const column of moved) {
    const place = placeOf(column);
    if (at > (row.times[place] ?? at)) row.times[place] = at;
  }
}

/** All addresses but the one that it has now, sorted. */
function formerOf(addresses: ReadonlySet<string> | null, current: string | undefined): string[] | null {
  if (addresses === null) return null;
  const former = [...addresses]
    .sort(compareText)
    .slice(-mostFormerAddresses)
    .filter((address) => address !== current);
  return former.length === 0 ? null : former;
}

/** The later of the two; at the same time the greater value, so that order never shows. */
function later<T>(current: Dated<T> | null, at: number, value: T | null, compare: (a: T, b: T) => number): Dated<T> | null {
  if (value === null) return current;
  if (current === null || at > current.at || (at === current.at && compare(value, current.value) > 0)) return { at, value };
  return current;
}

/** By UTF-8 bytes, as PostgreSQL compares with `collate "C"`. */
export function compareText(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** As PostgreSQL compares arrays: element by element, then the shorter one is less. */
export function compareLists(a: readonly string[], b: readonly string[]): number {
  for (const [index, element] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const order = compareText(element, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

const byKey = ({ contact: a }: Person, { contact: b }: Person): number =>
  compareText(a.source, b.source) || a.contactId - b.contactId;
const byMediaType = ({ row: a }: Channel, { row: b }: Channel): number => compareText(a.mediaType, b.mediaType);
