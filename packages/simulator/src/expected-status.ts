/**
 * What the projections must say after a given set of activities: a plain fold in memory, written from the design's table "What moves
 * what" and on purpose without a line of `projection/`, so that the comparison with the database checks one against the other.
 */
import type { Activity } from '@vidhuk/worker/activity';

/** What of an activity moves a status. */
export type StatusActivity = Pick<
  Activity,
  | 'source'
  | 'contactId'
  | 'mediaType'
  | 'status'
  | 'occurredAt'
  | 'hardBounce'
  | 'statusDescription'
  | 'subscriptions'
  | 'address'
  | 'email'
  | 'phone'
  | 'externalCustomerId'
>;

/** A value of a column; times are ms since 1970. */
export type ColumnValue = string | number | boolean | readonly string[] | null;

/** Columns by the names that the design fixes. */
export type StatusColumns = Readonly<Record<string, ColumnValue>>;

/** The rows that one contact must have. */
export interface ExpectedContact {
  source: string;
  contactId: number;
  /** `contact_status`. */
  contact: StatusColumns;
  /** `contact_channel_status` by media type. */
  channels: ReadonlyMap<string, StatusColumns>;
}

/** A value and the time of the activity that it came with. */
interface Dated<T> {
  at: number;
  value: T;
}

/** Times are ms since 1970, null for never. */
interface Moments {
  sent: number | null;
  delivered: number | null;
  undelivered: number | null;
  opened: number | null;
  clicked: number | null;
  unsubscribed: number | null;
  resubscribed: number | null;
  spam: number | null;
  first: number;
  last: number;
  /** When the channel was last blacklisted, and why ('' for no reason). */
  blacklisted: Dated<string> | null;
}

interface Channel extends Moments {
  address: Dated<string> | null;
}

interface Contact {
  source: string;
  contactId: number;
  channels: Map<string, Channel>;
  email: Dated<string> | null;
  phone: Dated<string> | null;
  externalCustomerId: Dated<string> | null;
  subscriptions: Dated<readonly string[]> | null;
}

/** Takes activities in any order, any number of times. Memory grows with the contacts, not with the activities. */
export class ExpectedStatuses {
  readonly #contacts = new Map<string, Contact>();

  /** How many contacts there are. */
  get size(): number {
    return this.#contacts.size;
  }

  /** An activity without a contact moves nothing. */
  add(activity: StatusActivity): void {
    const { source, contactId, mediaType, occurredAt: at } = activity;
    if (contactId === null) return;
    const key = `${source} ${contactId}`;
    const contact = this.#contacts.get(key) ?? newContact(source, contactId);
    this.#contacts.set(key, contact);
    contact.email = latest(contact.email, at, activity.email, compareText);
    contact.phone = latest(contact.phone, at, activity.phone, compareText);
    contact.externalCustomerId = latest(contact.externalCustomerId, at, activity.externalCustomerId, compareText);
    contact.subscriptions = latest(contact.subscriptions, at, activity.subscriptions, compareLists);

    const channel = contact.channels.get(mediaType) ?? newChannel(at);
    contact.channels.set(mediaType, channel);
    channel.address = latest(channel.address, at, activity.address, compareText);
    channel.first = Math.min(channel.first, at);
    channel.last = Math.max(channel.last, at);
    move(channel, activity);
  }

  /** The rows of every contact; of the same contact always the same ones, in whatever order its activities were added. */
  *contacts(): Generator<ExpectedContact, void> {
    for (const contact of this.#contacts.values()) yield rowsOf(contact);
  }
}

function move(channel: Channel, { status, occurredAt: at, hardBounce, statusDescription, subscriptions }: StatusActivity): void {
  switch (status) {
    case 'SENT':
      channel.sent = later(channel.sent, at);
      break;
    case 'DELIVERED':
      channel.delivered = later(channel.delivered, at);
      break;
    case 'UNDELIVERED':
      channel.undelivered = later(channel.undelivered, at);
      if (hardBounce) channel.blacklisted = latest(channel.blacklisted, at, statusDescription ?? '', compareText);
      break;
    case 'READ':
    case 'OPENED':
    case 'RECEIVED':
      channel.opened = later(channel.opened, at);
      break;
    case 'CLICKED':
      channel.clicked = later(channel.clicked, at);
      break;
    case 'UNSUBSCRIBED':
      channel.unsubscribed = later(channel.unsubscribed, at);
      break;
    case 'SPAM':
      channel.spam = later(channel.spam, at);
      channel.unsubscribed = later(channel.unsubscribed, at);
      break;
    case 'SUBSCRIPTION_CHANGED':
      if (subscriptions === null) break;
      if (subscriptions.length > 0) channel.resubscribed = later(channel.resubscribed, at);
      else channel.unsubscribed = later(channel.unsubscribed, at);
      break;
  }
}

function rowsOf({ source, contactId, channels, email, phone, externalCustomerId, subscriptions }: Contact): ExpectedContact {
  const rows = new Map<string, StatusColumns>();
  let total: Moments | undefined;
  for (const [mediaType, channel] of channels) {
    rows.set(mediaType, { ...columnsOf(channel), ...flagsOf(channel), address: channel.address?.value ?? null });
    total = total ? together(total, channel) : channel;
  }
  const any = (flag: string) => [...rows.values()].some((row) => row[flag] === true);
  const contact = {
    ...(total ? columnsOf(total) : {}),
    blacklisted: any('blacklisted'),
    unsubscribed: any('unsubscribed'),
    email: email?.value ?? null,
    phone: phone?.value ?? null,
    external_customer_id: externalCustomerId?.value ?? null,
    subscriptions: subscriptions?.value ?? null,
  };
  return { source, contactId, contact, channels: rows };
}

/** Ties go to the safe side. */
function flagsOf({ blacklisted, delivered, unsubscribed, resubscribed }: Channel): StatusColumns {
  return {
    blacklisted: blacklisted !== null && (delivered === null || blacklisted.at >= delivered),
    unsubscribed: unsubscribed !== null && (resubscribed === null || unsubscribed >= resubscribed),
  };
}

function columnsOf(moments: Moments): StatusColumns {
  const reason = moments.blacklisted?.value ?? '';
  return {
    last_sent_at: moments.sent,
    last_delivered_at: moments.delivered,
    last_undelivered_at: moments.undelivered,
    last_opened_at: moments.opened,
    last_clicked_at: moments.clicked,
    blacklisted_at: moments.blacklisted?.at ?? null,
    blacklist_reason: reason === '' ? null : reason,
    unsubscribed_at: moments.unsubscribed,
    resubscribed_at: moments.resubscribed,
    spam_reported_at: moments.spam,
    first_activity_at: moments.first,
    last_activity_at: moments.last,
  };
}

/** Over channels: the maximum of every time (the minimum of the first). */
function together(a: Moments, b: Moments): Moments {
  return {
    sent: later(a.sent, b.sent),
    delivered: later(a.delivered, b.delivered),
    undelivered: later(a.undelivered, b.undelivered),
    opened: later(a.opened, b.opened),
    clicked: later(a.clicked, b.clicked),
    unsubscribed: later(a.unsubscribed, b.unsubscribed),
    resubscribed: later(a.resubscribed, b.resubscribed),
    spam: later(a.spam, b.spam),
    first: Math.min(a.first, b.first),
    last: Math.max(a.last, b.last),
    blacklisted: b.blacklisted ? latest(a.blacklisted, b.blacklisted.at, b.blacklisted.value, compareText) : a.blacklisted,
  };
}

function newContact(source: string, contactId: number): Contact {
  return { source, contactId, channels: new Map(), email: null, phone: null, externalCustomerId: null, subscriptions: null };
}

function newChannel(at: number): Channel {
  const never = { sent: null, delivered: null, undelivered: null, opened: null, clicked: null };
  return { ...never, unsubscribed: null, resubscribed: null, spam: null, blacklisted: null, address: null, first: at, last: at };
}

function later(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}

/** The value of the later time; of the same time the greater value. */
function latest<T>(before: Dated<T> | null, at: number, value: T | null, compare: (a: T, b: T) => number): Dated<T> | null {
  if (value === null || (before && before.at > at)) return before;
  return !before || before.at < at || compare(value, before.value) > 0 ? { at, value } : before;
}

/** By the bytes of UTF-8. */
function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** By the first element that differs; a list that begins with the other is the greater one. */
function compareLists(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareText(a[i] ?? '', b[i] ?? '');
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
