/** Folds activities into one row per contact and one per channel, so that a statement meets each row once. Pure; the order does not matter. */
import type { Activity } from '../activity/activity.js';
import { movedColumns, timeColumns, type TimeColumn } from './rules.js';

/** A value that belongs to the latest time at which it was seen. `at` in ms since 1970. */
interface Dated<T> {
  at: number;
  value: T;
}

/** ms since 1970. */
type Times = Record<TimeColumn, number | undefined>;
/** Spelled out for every row: objects of one shape are quick. */
const never = Object.fromEntries(timeColumns.map((column) => [column, undefined])) as Times;

export interface StatusRow {
  source: string;
  contactId: number;
  times: Times;
  firstActivityAt: number;
  /** Belongs to `blacklisted_at`; '' where the sender gave no reason. */
  blacklistReason: Dated<string> | null;
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
    const ofSource = getOrAdd(people, source, () => new Map<number, Person>());
    addActivity(
      getOrAdd(ofSource, contactId, () => newPerson(activity, contactId)),
      activity,
    );
  }
  const all = [...people.values()].flatMap((ofSource) => [...ofSource.values()]).sort(byKey);
  return { contacts: all.map(({ contact }) => contact), channels: all.flatMap(({ channels }) => channels.sort(byMediaType)) };
}

interface Person {
  contact: ContactRow;
  channels: ChannelRow[];
}

function newPerson(activity: Activity, contactId: number): Person {
  const nothing = { email: null, phone: null, externalCustomerId: null, subscriptions: null };
  return { contact: { ...newStatus(activity, contactId), ...nothing }, channels: [] };
}

const newStatus = ({ source, occurredAt }: Activity, contactId: number): StatusRow => ({
  source,
  contactId,
  times: { ...never },
  firstActivityAt: occurredAt,
  blacklistReason: null,
});

function addActivity({ contact, channels }: Person, activity: Activity): void {
  const { occurredAt: at, mediaType } = activity;
  let channel = channels.find((one) => one.mediaType === mediaType);
  if (channel === undefined) {
    channel = { ...newStatus(activity, contact.contactId), mediaType, address: null };
    channels.push(channel);
  }
  const columns = movedColumns(activity);
  moveTimes(contact, activity, columns);
  moveTimes(channel, activity, columns);
  contact.email = later(contact.email, at, activity.email, compareText);
  contact.phone = later(contact.phone, at, activity.phone, compareText);
  contact.externalCustomerId = later(contact.externalCustomerId, at, activity.externalCustomerId, compareText);
  contact.subscriptions = later(contact.subscriptions, at, activity.subscriptions, compareLists);
  channel.address = later(channel.address, at, activity.address, compareText);
}

function moveTimes(row: StatusRow, activity: Activity, columns: readonly TimeColumn[]): void {
  const { occurredAt: at, statusDescription } = activity;
  const { times } = row;
  row.firstActivityAt = Math.min(row.firstActivityAt, at);
  for (const column of columns) {
    const before = times[column];
    if (before === undefined || at > before) times[column] = at;
    if (column === 'blacklisted_at') row.blacklistReason = later(row.blacklistReason, at, statusDescription ?? '', compareText);
  }
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

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
