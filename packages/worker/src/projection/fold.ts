/** Folds activities into one row per contact and one per channel, so that a statement meets each row once. Pure; the order does not matter. */
import type { Activity } from '../activity/activity.js';
import { movedColumns, timeColumns, type TimeColumn } from './rules.js';

/** A value that belongs to the latest time at which it was seen. `at` in ms since 1970. */
interface Dated<T> {
  at: number;
  value: T;
}

const nothingYet: readonly number[] = timeColumns.map(() => -Infinity);
const places = new Map<TimeColumn, number>(timeColumns.map((column, place) => [column, place]));
const placeOf = (column: TimeColumn): number => places.get(column) ?? -1;

export interface StatusRow {
  source: string;
  contactId: number;
  /** ms since 1970, in the order of `timeColumns`; -Infinity where it never happened. Numbers in one array take neither time nor memory for each. See {@link timeOf}. */
  times: number[];
  firstActivityAt: number;
  /** Belongs to `blacklisted_at`; '' where the sender gave no reason. */
  blacklistReason: Dated<string> | null;
}

/** The latest time at which it happened, ms since 1970; `undefined`: never. */
export function timeOf({ times }: StatusRow, column: TimeColumn): number | undefined {
  const time = times[placeOf(column)];
  return time === -Infinity ? undefined : time;
}

export interface ContactRow extends StatusRow {
  email: Dated<string> | null;
  phone: Dated<string> | null;
  externalCustomerId: Dated<string> | null;
  subscriptions: Dated<string[]> | null;
}

export interface ChannelRow extends StatusRow {
  mediaType: string;
  address: Dated<string> | null;
}

/** Sorted by key: every transaction takes its row locks in this one order. Activities without a contact are left out. */
export interface Fold {
  contacts: ContactRow[];
  channels: ChannelRow[];
}

export function foldActivities(activities: Iterable<Activity>): Fold {
  const people = new Map<string, Map<number, Person>>();
  for (const activity of activities) {
    const { source, contactId } = activity;
    if (contactId === null) continue;
    let ofSource = people.get(source);
    if (ofSource === undefined) people.set(source, (ofSource = new Map<number, Person>()));
    let person = ofSource.get(contactId);
    if (person === undefined) ofSource.set(contactId, (person = newPerson(source, contactId)));
    addActivity(person, contactId, activity);
  }
  const all = [...people.values()].flatMap((ofSource) => [...ofSource.values()]).sort(byKey);
  const folded: Fold = { contacts: [], channels: [] };
  for (const { contact, channels } of all) {
    folded.contacts.push(contact);
    for (const channel of [...channels.values()].sort(byMediaType)) {
      addChannel(contact, channel);
      folded.channels.push(channel);
    }
  }
  return folded;
}

interface Person {
  /** Only what no channel has; the rest comes from the channels at the end. */
  contact: ContactRow;
  /** By media type; a broken sender may name any number of them. */
  channels: Map<string, ChannelRow>;
}

// Each kind of row is made in one place, with all its properties: objects of one shape are quick.

const newPerson = (source: string, contactId: number): Person => ({
  contact: {
    source,
    contactId,
    times: nothingYet.slice(),
    firstActivityAt: Infinity,
    blacklistReason: null,
    email: null,
    phone: null,
    externalCustomerId: null,
    subscriptions: null,
  },
  channels: new Map<string, ChannelRow>(),
});

const newChannel = (source: string, contactId: number, mediaType: string): ChannelRow => ({
  source,
  contactId,
  times: nothingYet.slice(),
  firstActivityAt: Infinity,
  blacklistReason: null,
  mediaType,
  address: null,
});

function addActivity({ contact, channels }: Person, contactId: number, activity: Activity): void {
  const { source, mediaType, occurredAt: at } = activity;
  let channel = channels.get(mediaType);
  if (channel === undefined) channels.set(mediaType, (channel = newChannel(source, contactId, mediaType)));
  moveTimes(channel, activity);
  channel.address = later(channel.address, at, activity.address, compareText);
  contact.email = later(contact.email, at, activity.email, compareText);
  contact.phone = later(contact.phone, at, activity.phone, compareText);
  contact.externalCustomerId = later(contact.externalCustomerId, at, activity.externalCustomerId, compareText);
  contact.subscriptions = later(contact.subscriptions, at, activity.subscriptions, compareLists);
}

function moveTimes(channel: ChannelRow, activity: Activity): void {
  const { occurredAt: at, statusDescription } = activity;
  channel.firstActivityAt = Math.min(channel.firstActivityAt, at);
  for (const column of movedColumns(activity)) {
    moveTime(channel.times, placeOf(column), at);
    if (column === 'blacklisted_at')
      channel.blacklistReason = later(channel.blacklistReason, at, statusDescription ?? '', compareText);
  }
}

/** A contact's times are the latest of its channels. */
function addChannel(contact: ContactRow, { times, firstActivityAt, blacklistReason }: ChannelRow): void {
  for (const [place, time] of times.entries()) moveTime(contact.times, place, time);
  contact.firstActivityAt = Math.min(contact.firstActivityAt, firstActivityAt);
  if (blacklistReason !== null)
    contact.blacklistReason = later(contact.blacklistReason, blacklistReason.at, blacklistReason.value, compareText);
}

function moveTime(times: number[], place: number, at: number): void {
  if (at > (times[place] ?? at)) times[place] = at;
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
const byMediaType = (a: ChannelRow, b: ChannelRow): number => compareText(a.mediaType, b.mediaType);
