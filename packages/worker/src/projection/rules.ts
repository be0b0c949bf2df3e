/**
 * What moves what. Every column here is the latest time at which something happened, so neither order nor repetition of activities shows.
 * The flags follow from the columns: per channel in `contact_channel_status` (generated columns, see the first migration), per contact in
 * `sql/update-contact-flags.ts`.
 */
import type { Activity } from '../activity/activity.js';

/** Columns that hold the latest time of something, in `contact_channel_status` and, as the maximum over channels, in `contact_status`. */
export const timeColumns = [
  'last_sent_at',
  'last_delivered_at',
  'last_undelivered_at',
  'last_opened_at',
  'last_clicked_at',
  'blacklisted_at',
  'unsubscribed_at',
  'resubscribed_at',
  'spam_reported_at',
  'last_activity_at',
] as const;
export type TimeColumn = (typeof timeColumns)[number];

interface Rule {
  status: string;
  /** Only for activities for which this holds. */
  when?: (activity: Activity) => boolean;
  moves: readonly TimeColumn[];
}

const hardBounce = (activity: Activity) => activity.hardBounce;
const stillSubscribed = (activity: Activity) => activity.subscriptions !== null && activity.subscriptions.length > 0;
const leftEverything = (activity: Activity) => activity.subscriptions?.length === 0;

/** A status that is not here moves `last_activity_at` only: it is logged and counted, never rejected. */
export const rules: readonly Rule[] = [
  { status: 'SENT', moves: ['last_sent_at'] },
  { status: 'DELIVERED', moves: ['last_delivered_at'] }, // also ends a blacklisting before it
  { status: 'UNDELIVERED', moves: ['last_undelivered_at'] },
  { status: 'UNDELIVERED', when: hardBounce, moves: ['blacklisted_at'] }, // hardBounce: the platform has the contact on its blacklist
  { status: 'READ', moves: ['last_opened_at'] },
  { status: 'CLICKED', moves: ['last_clicked_at'] },
  { status: 'UNSUBSCRIBED', moves: ['unsubscribed_at'] },
  { status: 'SPAM', moves: ['spam_reported_at', 'unsubscribed_at'] }, // a complaint is an opt-out
  { status: 'SUBSCRIPTION_CHANGED', when: stillSubscribed, moves: ['resubscribed_at'] },
  { status: 'SUBSCRIPTION_CHANGED', when: leftEverything, moves: ['unsubscribed_at'] },
];

const always = ['last_activity_at'] as const satisfies readonly TimeColumn[];
const rulesByStatus = new Map<string, Rule[]>();
for (const rule of rules) rulesByStatus.set(rule.status, [...(rulesByStatus.get(rule.status) ?? []), rule]);
/** Of statuses whose rules have no condition, so that nothing has to be made for each activity. */
const fixed = new Map<string, readonly TimeColumn[]>();
for (const [status, own] of rulesByStatus)
  if (own.every(({ when }) => when === undefined)) fixed.set(status, [...always, ...own.flatMap(({ moves }) => moves)]);

/** The columns that this activity moves to its time, if it is later than what they hold. */
export function movedColumns(activity: Activity): readonly TimeColumn[] {
  const own = fixed.get(activity.status);
  if (own !== undefined) return own;
  const held = rulesByStatus.get(activity.status)?.filter(({ when }) => when?.(activity) ?? true) ?? [];
  return [...always, ...held.flatMap(({ moves }) => moves)];
}
