/** From activities of one contact to its rows, as the projections would hold them; nothing is read and nothing is written. */
import type { Activity } from '../activity/activity.js';
import type { ContactChannelStatus } from '../db/entities/contact-channel-status.js';
import type { ContactStatus } from '../db/entities/contact-status.js';
import { decideChannel, decideContact, type ChannelVerdict, type Moments, type OptInRule } from '../projection/decide.js';
import { foldActivities, timeOf, type ChannelRow, type ContactRow, type Fold } from '../projection/fold.js';
import { timeColumns, type TimeColumn } from '../projection/rules.js';

export interface FoldedStatus {
  contact: ContactStatus;
  /** By media type. */
  channels: ContactChannelStatus[];
}

/** `undefined` where none of them has a contact. `optIn`: of the source, as it is now. `floors`: of the contact. */
export function foldStatus(activities: Iterable<Activity>, optIn: OptInRule, floors?: Fold): FoldedStatus | undefined {
  const { contacts, channels } = foldActivities(activities, floors);
  const [contact] = contacts;
  if (contact === undefined) return undefined;
  const own = momentsOf(contact);
  const decided = channels.map((row) => ({ row, verdict: decideChannel(momentsOf(row), own, optIn) }));
  return {
    contact: contactOf(contact, decided),
    channels: decided.map(({ row, verdict }) => ({
      ...timesOf(row),
      ...verdict,
      source: row.source,
      contactId: row.contactId,
      mediaType: row.mediaType,
      address: row.address?.value ?? null,
      addressAt: dateOf(row.address?.at),
      formerAddresses: row.formerAddresses,
      blacklistedAt: dateOf(timeOf(row, 'blacklisted_at')),
      blacklistReason: reasonOf(row),
      unsubscribedAt: dateOf(timeOf(row, 'unsubscribed_at')),
    })),
  };
}

interface Decided {
  row: ChannelRow;
  verdict: ChannelVerdict;
}

function contactOf(row: ContactRow, channels: readonly Decided[]): ContactStatus {
  const verdict = decideContact(
    channels.map(({ row: channel, verdict }) => ({
      mediaType: channel.mediaType,
      blacklistedAt: timeOf(channel, 'blacklisted_at'),
      blacklistReason: reasonOf(channel),
      verdict,
    })),
    momentsOf(row),
  );
  return {
    ...timesOf(row),
    source: row.source,
    contactId: row.contactId,
    email: row.email?.value ?? null,
    emailAt: dateOf(row.email?.at),
    phone: row.phone?.value ?? null,
    phoneAt: dateOf(row.phone?.at),
    externalCustomerId: row.externalCustomerId?.value ?? null,
    externalCustomerIdAt: dateOf(row.externalCustomerId?.at),
    subscriptions: row.subscriptions?.value ?? null,
    subscriptionsAt: dateOf(row.subscriptions?.at),
    blacklisted: verdict.blacklisted,
    blacklistedAt: dateOf(verdict.blacklistedAt),
    blacklistReason: verdict.blacklistReason,
    unsubscribed: verdict.unsubscribed,
    unsubscribedAt: dateOf(verdict.unsubscribedAt),
    reachable: verdict.reachable,
    optedOutAt: dateOf(timeOf(row, 'opted_out_at')),
    resubscribedAt: dateOf(timeOf(row, 'resubscribed_at')),
  };
}

const dateOf = (ms: number | undefined): Date | null => (ms === undefined ? null : new Date(ms));
const reasonOf = ({ blacklistReason }: ChannelRow): string | null =>
  blacklistReason === null || blacklistReason.value === '' ? null : blacklistReason.value;

const momentsOf = (row: ContactRow | ChannelRow): Moments =>
  Object.fromEntries(
    timeColumns.flatMap((column): [TimeColumn, number][] => {
      const time = timeOf(row, column);
      return time === undefined ? [] : [[column, time]];
    }),
  );

function timesOf(row: ContactRow | ChannelRow) {
  const lastActivityAt = new Date(timeOf(row, 'last_activity_at') ?? row.firstActivityAt);
  return {
    lastSentAt: dateOf(timeOf(row, 'last_sent_at')),
    lastDeliveredAt: dateOf(timeOf(row, 'last_delivered_at')),
    lastUndeliveredAt: dateOf(timeOf(row, 'last_undelivered_at')),
    lastOpenedAt: dateOf(timeOf(row, 'last_opened_at')),
    lastClickedAt: dateOf(timeOf(row, 'last_clicked_at')),
    spamReportedAt: dateOf(timeOf(row, 'spam_reported_at')),
    firstActivityAt: new Date(row.firstActivityAt),
    lastActivityAt,
    updatedAt: lastActivityAt,
  };
}
