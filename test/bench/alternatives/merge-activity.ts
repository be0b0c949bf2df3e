/** What an activity changes in the entities of its contact and of its channel: Vidhuk's rules, applied in memory. */
import type { Activity } from '../../../packages/worker/src/activity/activity.js';
import type { StatusTimes } from '../../../packages/worker/src/db/entities/columns.js';
import type { ContactChannelStatus } from '../../../packages/worker/src/db/entities/contact-channel-status.js';
import type { ContactStatus } from '../../../packages/worker/src/db/entities/contact-status.js';
import { compareLists, compareText } from '../../../packages/worker/src/projection/fold.js';
import { movedColumns, type TimeColumn } from '../../../packages/worker/src/projection/rules.js';

const propertyOf = {
  last_sent_at: 'lastSentAt',
  last_delivered_at: 'lastDeliveredAt',
  last_undelivered_at: 'lastUndeliveredAt',
  last_opened_at: 'lastOpenedAt',
  last_clicked_at: 'lastClickedAt',
  blacklisted_at: 'blacklistedAt',
  unsubscribed_at: 'unsubscribedAt',
  spam_reported_at: 'spamReportedAt',
  last_activity_at: 'lastActivityAt',
} as const satisfies Partial<Record<TimeColumn, keyof StatusTimes>>;

const isOfBoth = (column: TimeColumn): column is keyof typeof propertyOf => Object.hasOwn(propertyOf, column);

const noTimes = {
  lastSentAt: null,
  lastDeliveredAt: null,
  lastUndeliveredAt: null,
  lastOpenedAt: null,
  lastClickedAt: null,
  blacklistedAt: null,
  blacklistReason: null,
  unsubscribedAt: null,
  spamReportedAt: null,
};

const newStatus = (at: Date) => ({
  ...noTimes,
  firstActivityAt: at,
  lastActivityAt: at,
  updatedAt: at,
  blacklisted: false,
  unsubscribed: false,
});

export function newContact(source: string, contactId: number, at: Date): ContactStatus {
  const nothing = { email: null, phone: null, externalCustomerId: null, subscriptions: null, reachable: [] };
  const never = {
    emailAt: null,
    phoneAt: null,
    externalCustomerIdAt: null,
    subscriptionsAt: null,
    optedOutAt: null,
    resubscribedAt: null,
  };
  return { source, contactId, ...newStatus(at), ...nothing, ...never };
}

export function newChannel(source: string, contactId: number, mediaType: string, at: Date): ContactChannelStatus {
  return {
    source,
    contactId,
    mediaType,
    ...newStatus(at),
    mayWrite: true,
    address: null,
    addressAt: null,
    formerAddresses: null,
  };
}

export function mergeIntoContact(contact: ContactStatus, activity: Activity): void {
  const at = new Date(activity.occurredAt);
  if (isNewer(at, activity.email, contact.emailAt, contact.email, compareText))
    Object.assign(contact, { email: activity.email, emailAt: at });
  if (isNewer(at, activity.phone, contact.phoneAt, contact.phone, compareText))
    Object.assign(contact, { phone: activity.phone, phoneAt: at });
  const { externalCustomerId, subscriptions } = activity;
  if (isNewer(at, externalCustomerId, contact.externalCustomerIdAt, contact.externalCustomerId, compareText))
    Object.assign(contact, { externalCustomerId, externalCustomerIdAt: at });
  if (isNewer(at, subscriptions, contact.subscriptionsAt, contact.subscriptions, compareLists))
    Object.assign(contact, { subscriptions, subscriptionsAt: at });
  const moved = movedColumns(activity);
  if (moved.includes('opted_out_at')) contact.optedOutAt = latest(contact.optedOutAt, at);
  if (moved.includes('resubscribed_at')) contact.resubscribedAt = latest(contact.resubscribedAt, at);
  mergeTimes(contact, activity, at);
}

export function mergeIntoChannel(channel: ContactChannelStatus, activity: Activity): void {
  const at = new Date(activity.occurredAt);
  if (isNewer(at, activity.address, channel.addressAt, channel.address, compareText))
    Object.assign(channel, { address: activity.address, addressAt: at });
  mergeTimes(channel, activity, at);
}

/** By the usual `optIn`; ties go to the safe side. */
export function setFlags(contact: ContactStatus, channels: readonly ContactChannelStatus[]): void {
  const leftEverything = isNotBefore(contact.optedOutAt, contact.resubscribedAt);
  for (const channel of channels) {
    const optedOut = isNotBefore(channel.unsubscribedAt, contact.resubscribedAt) || channel.spamReportedAt !== null;
    channel.unsubscribed = leftEverything || optedOut;
  }
  const isBlacklisted = (channel: ContactChannelStatus) => isNotBefore(channel.blacklistedAt, channel.lastDeliveredAt);
  contact.blacklisted = channels.some(isBlacklisted);
  contact.unsubscribed = leftEverything || channels.some(({ unsubscribed }) => unsubscribed);
  contact.reachable = channels
    .filter((channel) => !channel.unsubscribed && !isBlacklisted(channel))
    .map(({ mediaType }) => mediaType)
    .sort();
}

function mergeTimes(row: StatusTimes, activity: Activity, at: Date): void {
  const moved = movedColumns(activity);
  const reason = activity.statusDescription ?? '';
  if (moved.includes('blacklisted_at') && isNewer(at, reason, row.blacklistedAt, row.blacklistReason, compareText))
    row.blacklistReason = activity.statusDescription;
  for (const column of moved.filter(isOfBoth)) row[propertyOf[column]] = latest(row[propertyOf[column]], at);
  if (row.firstActivityAt > at) row.firstActivityAt = at;
  row.updatedAt = new Date();
}

/** The value of the later time counts; of the same time the greater value. */
function isNewer<T>(
  at: Date,
  value: T | null,
  storedAt: Date | null,
  stored: T | null,
  compare: (a: T, b: T) => number,
): boolean {
  if (value === null) return false;
  if (storedAt === null || at > storedAt) return true;
  return at.getTime() === storedAt.getTime() && (stored === null || compare(value, stored) > 0);
}

const latest = (before: Date | null, at: Date): Date => (before === null || before < at ? at : before);
const isNotBefore = (a: Date | null, b: Date | null): boolean => a !== null && (b === null || a >= b);
