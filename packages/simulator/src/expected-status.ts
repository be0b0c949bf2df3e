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
  spam: number | null;
  first: number;
  last: number;
}

interface Channel extends Moments {
  address: Dated<string> | null;
  addresses: Set<string>;
  unsubscribed: number | null;
  /** When the channel was last blacklisted, and why ('' for no reason). */
  blacklisted: Dated<string> | null;
}

interface Contact extends Moments {
  source: string;
  contactId: number;
  channels: Map<string, Channel>;
  optedOut: number | null;
  resubscribed: number | null;
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
    const { source, contactId, mediaType, status, occurredAt: at } = activity;
    if (contactId === null) return;
    const key = `${source} ${contactId}`;
    const contact = this.#contacts.get(key) ?? newContact(source, contactId, at);
    this.#contacts.set(key, contact);
    contact.email = latest(contact.email, at, activity.email, compareText);
    contact.phone = latest(contact.phone, at, activity.phone, compareText);
    contact.externalCustomerId = latest(contact.externalCustomerId, at, activity.externalCustomerId, compareText);
    contact.subscriptions = latest(contact.subscriptions, at, activity.subscriptions, compareLists);
    move(contact, status, at);
    if (status === 'SUBSCRIPTION_CHANGED') {
      if (activity.subscriptions?.length === 0) contact.optedOut = later(contact.optedOut, at);
      else if (activity.subscriptions !== null) contact.resubscribed = later(contact.resubscribed, at);
    } else if (mediaType !== null) {
      const channel = contact.channels.get(mediaType) ?? newChannel(at);
      contact.channels.set(mediaType, channel);
      addToChannel(channel, activity);
    }
  }

  /** The rows of every contact; of the same contact always the same ones, in whatever order its activities were added. */
  *contacts(): Generator<ExpectedContact, void> {
    for (const contact of this.#contacts.values()) yield rowsOf(contact);
  }
}

function addToChannel(
  channel: Channel,
  { status, occurredAt: at, address, hardBounce, statusDescription }: StatusActivity,
): void {
  move(channel, status, at);
  channel.address = latest(channel.address, at, address, compareText);
  if (address !== null) channel.addresses.add(address);
  if (status === 'UNSUBSCRIBED') channel.unsubscribed = later(channel.unsubscribed, at);
  if (status === 'UNDELIVERED' && hardBounce)
    channel.blacklisted = latest(channel.blacklisted, at, statusDescription ?? '', compareText);
}

function move(moments: Moments, status: string, at: number): void {
  moments.first = Math.min(moments.first, at);
  moments.last = Math.max(moments.last, at);
  switch (status) {
    case 'SENT':
      moments.sent = later(moments.sent, at);
      break;
    case 'DELIVERED':
      moments.delivered = later(moments.delivered, at);
      break;
    case 'UNDELIVERED':
      moments.undelivered = later(moments.undelivered, at);
      break;
    case 'READ':
    case 'OPENED':
    case 'RECEIVED':
      moments.opened = later(moments.opened, at);
      break;
    case 'CLICKED':
      moments.clicked = later(moments.clicked, at);
      break;
    case 'SPAM':
      moments.spam = later(moments.spam, at);
      break;
  }
}

function rowsOf(contact: Contact): ExpectedContact {
  const { source, contactId, optedOut, resubscribed } = contact;
  const leftEverything = optedOut !== null && (resubscribed === null || optedOut >= resubscribed) ? optedOut : null;
  const channels = [...contact.channels].map(([mediaType, channel]) => ({
    mediaType,
    channel,
    ...verdictOn(channel, leftEverything, resubscribed),
  }));
  const blocked = channels.flatMap(({ channel, blacklisted }) =>
    blacklisted && channel.blacklisted ? [channel.blacklisted] : [],
  );
  const block = blocked.reduce<Dated<string> | null>((last, { at, value }) => latest(last, at, value, compareText), null);
  const unsubscribed = channels.reduce((last, { optOut }) => later(last, optOut), leftEverything);
  const row: StatusColumns = {
    ...columnsOf(contact),
    blacklisted: blocked.length > 0,
    blacklisted_at: block?.at ?? null,
    blacklist_reason: reasonOf(block),
    unsubscribed: unsubscribed !== null,
    unsubscribed_at: unsubscribed,
    opted_out_at: optedOut,
    resubscribed_at: resubscribed,
    reachable: channels
      .filter(({ mayWrite }) => mayWrite)
      .map(({ mediaType }) => mediaType)
      .sort(compareText),
    email: contact.email?.value ?? null,
    phone: contact.phone?.value ?? null,
    external_customer_id: contact.externalCustomerId?.value ?? null,
    subscriptions: contact.subscriptions?.value ?? null,
  };
  return {
    source,
    contactId,
    contact: row,
    channels: new Map(channels.map(({ mediaType, channel, ...verdict }) => [mediaType, channelColumns(channel, verdict)])),
  };
}

interface Verdict {
  blacklisted: boolean;
  /** Latest opt-out that still holds. */
  optOut: number | null;
  mayWrite: boolean;
}

/** By the usual `optIn`: a choice ends an opt-out, and no complaint. Ties go to the safe side. */
function verdictOn(channel: Channel, leftEverything: number | null, resubscribed: number | null): Verdict {
  const { delivered, unsubscribed, spam } = channel;
  const blacklisted = channel.blacklisted !== null && (delivered === null || channel.blacklisted.at >= delivered);
  const own = unsubscribed !== null && (resubscribed === null || unsubscribed >= resubscribed) ? unsubscribed : null;
  const optOut = later(later(leftEverything, own), spam);
  return { blacklisted, optOut, mayWrite: !blacklisted && optOut === null };
}

function channelColumns(channel: Channel, { blacklisted, optOut, mayWrite }: Verdict): StatusColumns {
  const former = [...channel.addresses]
    .sort(compareText)
    .slice(-50)
    .filter((address) => address !== channel.address?.value);
  return {
    ...columnsOf(channel),
    blacklisted,
    blacklisted_at: channel.blacklisted?.at ?? null,
    blacklist_reason: reasonOf(channel.blacklisted),
    unsubscribed: optOut !== null,
    unsubscribed_at: channel.unsubscribed,
    may_write: mayWrite,
    address: channel.address?.value ?? null,
    former_addresses: former.length === 0 ? null : former,
  };
}

const reasonOf = (block: Dated<string> | null): string | null => (block === null || block.value === '' ? null : block.value);

const columnsOf = (moments: Moments): StatusColumns => ({
  last_sent_at: moments.sent,
  last_delivered_at: moments.delivered,
  last_undelivered_at: moments.undelivered,
  last_opened_at: moments.opened,
  last_clicked_at: moments.clicked,
  spam_reported_at: moments.spam,
  first_activity_at: moments.first,
  last_activity_at: moments.last,
});

const newMoments = (at: number): Moments => ({
  ...{ sent: null, delivered: null, undelivered: null, opened: null, clicked: null, spam: null },
  first: at,
  last: at,
});

const newContact = (source: string, contactId: number, at: number): Contact => ({
  ...newMoments(at),
  ...{ source, contactId, channels: new Map<string, Channel>(), optedOut: null, resubscribed: null },
  ...{ email: null, phone: null, externalCustomerId: null, subscriptions: null },
});

const newChannel = (at: number): Channel => ({
  ...newMoments(at),
  ...{ address: null, addresses: new Set<string>(), unsubscribed: null, blacklisted: null },
});

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
