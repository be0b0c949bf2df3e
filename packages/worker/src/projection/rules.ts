/**
 * What moves what. Every column here is the latest time at which something happened, so neither order nor repetition of activities shows.
 * The flags follow from the columns: whether a channel is blacklisted and may be written to in `contact_channel_status` (generated columns, see the
 * first migration), everything that an opt-out decides in `sql/decide-flags.ts`; `decide.ts` is the same without a database.
 */
import type { Activity } from '../activity/activity.js';

/** Columns of both tables: of a channel, and of a contact the latest over all of its activities. */
const timesOfBoth = [
  'last_sent_at',
  'last_delivered_at',
  'last_undelivered_at',
  'last_opened_at',
  'last_clicked_at',
  'spam_reported_at',
  'last_activity_at',
] as const;

/** `contact_channel_status`. */
export const channelTimeColumns = [...timesOfBoth, 'blacklisted_at', 'unsubscribed_at'] as const;

/** `contact_status`. That table has `blacklisted_at` and `unsubscribed_at` as well, which follow from the channels that hold them now. */
export const contactTimeColumns = [...timesOfBoth, 'opted_out_at', 'resubscribed_at'] as const;

/** All of them. */
export const timeColumns = [...channelTimeColumns, 'opted_out_at', 'resubscribed_at'] as const;
export type TimeColumn = (typeof timeColumns)[number];

/** What must hold of an activity, all of it. Data, not a function, so that the database decides by the same: see `settle-rules.ts`. */
interface RuleCondition {
  hardBounce?: true;
  subscriptions?: 'some' | 'none';
}

export interface Rule {
  status: string;
  when?: RuleCondition;
  moves: TimeColumn;
}

/** To be raised with every change of the rules, or of how flags follow from columns: rows that were made by older ones are to be made again. */
export const rulesVersion = 1;

/** About the contact, whatever channel it names: it moves and makes no channel. */
export const isAboutContact = ({ status }: Pick<Activity, 'status'>): boolean => status === 'SUBSCRIPTION_CHANGED';

/** A status that is not here moves `last_activity_at` only: it is logged and counted, never rejected. */
export const rules: readonly Rule[] = [
  { status: 'SENT', moves: 'last_sent_at' },
  { status: 'DELIVERED', moves: 'last_delivered_at' }, // also ends a blacklisting before it: nothing is sent past the blacklist
  { status: 'UNDELIVERED', moves: 'last_undelivered_at' },
  { status: 'UNDELIVERED', when: { hardBounce: true }, moves: 'blacklisted_at' }, // hardBounce: the platform has the contact on its blacklist
  { status: 'READ', moves: 'last_opened_at' },
  { status: 'CLICKED', moves: 'last_clicked_at' },
  { status: 'UNSUBSCRIBED', moves: 'unsubscribed_at' },
  { status: 'SPAM', moves: 'spam_reported_at' }, // a complaint is an opt-out that a new choice does not end, unless `optIn.endsComplaint`
  { status: 'SUBSCRIPTION_CHANGED', when: { subscriptions: 'some' }, moves: 'resubscribed_at' },
  { status: 'SUBSCRIPTION_CHANGED', when: { subscriptions: 'none' }, moves: 'opted_out_at' },
];

/** Every activity moves it. */
export const always = 'last_activity_at' satisfies TimeColumn;
const rulesByStatus = new Map<string, Rule[]>();
for (const rule of rules) rulesByStatus.set(rule.status, [...(rulesByStatus.get(rule.status) ?? []), rule]);
/** Of statuses whose rules have no condition, so that nothing has to be made for each activity. */
const fixed = new Map<string, readonly TimeColumn[]>();
for (const [status, own] of rulesByStatus)
  if (own.every(({ when }) => when === undefined)) fixed.set(status, [always, ...own.map(({ moves }) => moves)]);

/** The columns that this activity moves to its time, if it is later than what they hold: of its channel where it has one, and of its contact. */
export function movedColumns(activity: Activity): readonly TimeColumn[] {
  const own = fixed.get(activity.status);
  if (own !== undefined) return own;
  const held = rulesByStatus.get(activity.status)?.filter(({ when = {} }) => holds(when, activity)) ?? [];
  return [always, ...held.map(({ moves }) => moves)];
}

const holds = ({ hardBounce, subscriptions }: RuleCondition, activity: Activity): boolean =>
  (hardBounce === undefined || activity.hardBounce) &&
  (subscriptions === undefined ||
    (activity.subscriptions !== null && activity.subscriptions.length > 0 === (subscriptions === 'some')));
