/** Folds activities into one row per contact and one per channel, so that a statement meets each row once. Pure; the order does not matter. */
import type { Activity } from '../activity/activity.js';
import { movedColumns, type TimeColumn } from './rules.js';

/** A value that belongs to the latest time at which it was seen. `at` in ms since 1970. */
interface Dated<T> {
  at: number;
  value: T;
}

/** ms since 1970. */
type Times = Partial<Record<TimeColumn, number>>;

interface StatusRow {
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
  const contacts = new Map<string, ContactRow>();
  const channels = new Map<string, ChannelRow>();
  for (const activity of activities) {
    if (activity.contactId === null) continue;
    const { source, contactId, occurredAt: at } = activity;
    const fresh = { source, contactId, firstActivityAt: at, blacklistReason: null };
    const contactKey = `${source} ${contactId}`;
    const contact = getOrAdd(contacts, contactKey, () => ({
      ...fresh,
      times: {},
      email: null,
      phone: null,
      externalCustomerId: null,
      subscriptions: null,
    }));
    const channel = getOrAdd(channels, `${contactKey} ${activity.mediaType}`, () => ({
      ...fresh,
      times: {},
      mediaType: activity.mediaType,
      address: null,
    }));
    const columns = movedColumns(activity);
    moveTimes(contact, activity, columns);
    moveTimes(channel, activity, columns);
    contact.email = later(contact.email, at, activity.email, compareText);
    contact.phone = later(contact.phone, at, activity.phone, compareText);
    contact.externalCustomerId = later(contact.externalCustomerId, at, activity.externalCustomerId, compareText);
    contact.subscriptions = later(contact.subscriptions, at, activity.subscriptions, compareLists);
    channel.address = later(channel.address, at, activity.address, compareText);
  }
  return { contacts: [...contacts.values()].sort(byKey), channels: [...channels.values()].sort(byKey) };
}

function moveTimes(row: StatusRow, activity: Activity, columns: readonly TimeColumn[]): void {
  const at = activity.occurredAt;
  row.firstActivityAt = Math.min(row.firstActivityAt, at);
  for (const column of columns) row.times[column] = Math.max(row.times[column] ?? at, at);
  if (columns.includes('blacklisted_at'))
    row.blacklistReason = later(row.blacklistReason, at, activity.statusDescription ?? '', compareText);
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

function byKey(a: ContactRow | ChannelRow, b: ContactRow | ChannelRow): number {
  return (
    compareText(a.source, b.source) ||
    a.contactId - b.contactId ||
    compareText('mediaType' in a ? a.mediaType : '', 'mediaType' in b ? b.mediaType : '')
  );
}

function getOrAdd<V>(map: Map<string, V>, key: string, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
