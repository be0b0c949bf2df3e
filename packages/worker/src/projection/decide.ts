/**
 * The flags, as they follow from times and settings: the same that the generated columns of `contact_channel_status` and `sql/decide-flags.ts` decide
 * in the database. Pure. Ties go to the safe side.
 */
import type { TimeColumn } from './rules.js';

/** The latest time of each kind, ms since 1970; what never happened is left out. */
export type Moments = Readonly<Partial<Record<TimeColumn, number>>>;

/** What a later choice of at least one subscription ends: `optIn` of the source. */
export interface OptInRule {
  endsUnsubscribed: boolean;
  endsComplaint: boolean;
}

/** Of a source that nobody has told about. */
export const usualOptIn: OptInRule = { endsUnsubscribed: true, endsComplaint: false };

export interface ChannelVerdict {
  blacklisted: boolean;
  unsubscribed: boolean;
  mayWrite: boolean;
  /** Latest of the opt-outs that hold, the contact's own among them; `undefined`: none does. */
  optedOutAt: number | undefined;
}

/** `contact` are the contact's own times, of which its opt-out and its choices count for every channel. */
export function decideChannel(channel: Moments, contact: Moments, optIn: OptInRule): ChannelVerdict {
  const { resubscribed_at: chosenAt } = contact;
  const blacklisted = holding(channel.blacklisted_at, channel.last_delivered_at) !== undefined;
  const optedOutAt = latest([
    leftEverythingAt(contact),
    holding(channel.unsubscribed_at, optIn.endsUnsubscribed ? chosenAt : undefined),
    holding(channel.spam_reported_at, optIn.endsComplaint ? chosenAt : undefined),
  ]);
  const unsubscribed = optedOutAt !== undefined;
  return { blacklisted, unsubscribed, mayWrite: !blacklisted && !unsubscribed, optedOutAt };
}

export interface DecidedChannel {
  mediaType: string;
  blacklistedAt: number | undefined;
  blacklistReason: string | null;
  verdict: ChannelVerdict;
}

export interface ContactVerdict {
  blacklisted: boolean;
  /** Of the channel that is blacklisted and was so last, and what was said then. */
  blacklistedAt: number | undefined;
  blacklistReason: string | null;
  unsubscribed: boolean;
  unsubscribedAt: number | undefined;
  /** Media types that may be written to, sorted by bytes. */
  reachable: string[];
}

export function decideContact(channels: readonly DecidedChannel[], contact: Moments): ContactVerdict {
  const blocked = channels.filter(({ verdict }) => verdict.blacklisted);
  const blacklistedAt = latest(blocked.map((channel) => channel.blacklistedAt));
  const reasons = blocked.filter((channel) => channel.blacklistedAt === blacklistedAt).map((channel) => channel.blacklistReason);
  const unsubscribedAt = latest([leftEverythingAt(contact), ...channels.map(({ verdict }) => verdict.optedOutAt)]);
  return {
    blacklisted: blocked.length > 0,
    blacklistedAt,
    blacklistReason:
      reasons
        .filter((reason) => reason !== null)
        .sort(byBytes)
        .at(-1) ?? null,
    unsubscribed: unsubscribedAt !== undefined,
    unsubscribedAt,
    reachable: channels
      .filter(({ verdict }) => verdict.mayWrite)
      .map(({ mediaType }) => mediaType)
      .sort(byBytes),
  };
}

/** When the contact gave up all subscriptions, unless a later choice has ended that. */
const leftEverythingAt = (contact: Moments): number | undefined => holding(contact.opted_out_at, contact.resubscribed_at);

/** `at`, unless something later has ended it. */
const holding = (at: number | undefined, endedAt: number | undefined): number | undefined =>
  at !== undefined && endedAt !== undefined && at < endedAt ? undefined : at;

function latest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** As PostgreSQL compares with `collate "C"`. */
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
