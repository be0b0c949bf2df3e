/**
 * What the projections must hold after a set of activities, read from the design's table "What moves what" line by line, each column for itself,
 * without a line of `packages/worker/src/projection`. Slow and plain on purpose.
 */
import type { Activity } from '../../packages/worker/src/activity/activity.js';

/** A row by column names, `updated_at` left out; times as ISO text. */
export type Row = Record<string, unknown>;

export interface ExpectedRows {
  contacts: Row[];
  channels: Row[];
}

/** Contacts by contact_id, channels by contact_id and media_type. Whatever order the activities have, the rows are the same. */
export function expectedRows(activities: readonly Activity[], optIn: OptIn = usualOptIn): ExpectedRows {
  const known = activities.filter(({ contactId }) => contactId !== null);
  const ids = [...new Set(known.map(({ source, contactId }) => JSON.stringify([source, contactId])))];
  const contacts: Row[] = [];
  const channels: Row[] = [];
  for (const [source, contactId] of ids.map((pair) => JSON.parse(pair) as [string, number])) {
    const ofContact = known.filter((activity) => activity.source === source && activity.contactId === contactId);
    const choices = choicesOf(ofContact);
    const ofChannels = ofContact.filter(({ status }) => status !== 'SUBSCRIPTION_CHANGED');
    const mediaTypes = [...new Set(ofChannels.flatMap(({ mediaType }) => mediaType ?? []))];
    const rows = mediaTypes.map((mediaType) => {
      const ofChannel = ofChannels.filter((a) => a.mediaType === mediaType);
      return { mediaType, ...channelRow(mediaType, ofChannel, choices, optIn) };
    });
    channels.push(...rows.map(({ row }) => ({ source, contact_id: contactId, ...row })));
    const blocked = rows.filter(({ row }) => row.blacklisted);
    const block = greatest(blocked.map(({ row }) => String(row.blacklisted_at)));
    const optOuts = [choices.leftEverythingAt, ...rows.map(({ optOutAt }) => optOutAt)].filter((at) => at !== null);
    contacts.push({
      source,
      contact_id: contactId,
      ...sharedColumns(ofContact),
      blacklisted: blocked.length > 0,
      blacklisted_at: block,
      blacklist_reason: greatest(
        blocked
          .filter(({ row }) => row.blacklisted_at === block)
          .flatMap(({ row }) => (row.blacklist_reason as string | null) ?? []),
      ),
      unsubscribed: optOuts.length > 0,
      unsubscribed_at: greatest(optOuts),
      opted_out_at: choices.optedOutAt,
      resubscribed_at: choices.resubscribedAt,
      reachable: rows
        .filter(({ row }) => row.may_write)
        .map(({ mediaType }) => mediaType)
        .sort(),
      ...latestText('email', ofContact, ({ email }) => email),
      ...latestText('phone', ofContact, ({ phone }) => phone),
      ...latestText('external_customer_id', ofContact, ({ externalCustomerId }) => externalCustomerId),
      ...latestList('subscriptions', ofContact, ({ subscriptions }) => subscriptions),
    });
  }
  return { contacts: sortRows(contacts), channels: sortRows(channels) };
}

/** Rows in one order for comparisons, whatever order they came in. */
export function sortRows(rows: readonly Row[]): Row[] {
  const keyOf = (row: Row) => JSON.stringify([row.source, row.contact_id, row.media_type]);
  return [...rows].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

export interface OptIn {
  endsUnsubscribed: boolean;
  endsComplaint: boolean;
}
const usualOptIn: OptIn = { endsUnsubscribed: true, endsComplaint: false };

/** ISO texts of one zone compare as times do. */
interface Choices {
  optedOutAt: string | null;
  resubscribedAt: string | null;
  leftEverythingAt: string | null;
}

function choicesOf(activities: readonly Activity[]): Choices {
  const changes = activities.filter(({ status, subscriptions }) => status === 'SUBSCRIPTION_CHANGED' && subscriptions !== null);
  const optedOutAt = lastTime(changes.filter(({ subscriptions }) => subscriptions?.length === 0));
  const resubscribedAt = lastTime(changes.filter(({ subscriptions }) => subscriptions?.length !== 0));
  return { optedOutAt, resubscribedAt, leftEverythingAt: unlessLater(optedOutAt, resubscribedAt) };
}

/** A tie ends nothing. */
const unlessLater = (at: string | null, end: string | null): string | null =>
  at !== null && end !== null && at < end ? null : at;

function channelRow(
  mediaType: string,
  activities: readonly Activity[],
  { leftEverythingAt, resubscribedAt }: Choices,
  optIn: OptIn,
): { row: Row & { blacklisted: boolean; may_write: boolean }; optOutAt: string | null } {
  const hardBounces = activities.filter(({ status, hardBounce }) => status === 'UNDELIVERED' && hardBounce);
  const unsubscribedAt = lastTime(activities.filter(({ status }) => status === 'UNSUBSCRIBED'));
  const blacklistedAt = lastTime(hardBounces);
  const shared = sharedColumns(activities);
  const blacklisted = unlessLater(blacklistedAt, shared.last_delivered_at) !== null;
  const optOutAt = greatest(
    [
      leftEverythingAt,
      optIn.endsUnsubscribed ? unlessLater(unsubscribedAt, resubscribedAt) : unsubscribedAt,
      optIn.endsComplaint ? unlessLater(shared.spam_reported_at, resubscribedAt) : shared.spam_reported_at,
    ].filter((at) => at !== null),
  );
  const address = latestText('address', activities, (activity) => activity.address);
  const addresses = [...new Set(activities.flatMap((activity) => activity.address ?? []))];
  const former = addresses.filter((known) => known !== address.address).sort(byBytes);
  const row = {
    media_type: mediaType,
    ...shared,
    blacklisted_at: blacklistedAt,
    blacklist_reason: greatest(textsAtEnd(hardBounces, ({ statusDescription }) => statusDescription)),
    unsubscribed_at: unsubscribedAt,
    blacklisted,
    unsubscribed: optOutAt !== null,
    may_write: !blacklisted && optOutAt === null,
    ...address,
    former_addresses: former.length === 0 ? null : former,
  };
  return { row, optOutAt };
}

function sharedColumns(activities: readonly Activity[]) {
  const latestOf = (wanted: string) => lastTime(activities.filter(({ status }) => status === wanted));
  return {
    last_sent_at: latestOf('SENT'),
    last_delivered_at: latestOf('DELIVERED'),
    last_undelivered_at: latestOf('UNDELIVERED'),
    last_opened_at: latestOf('READ'),
    last_clicked_at: latestOf('CLICKED'),
    spam_reported_at: latestOf('SPAM'),
    first_activity_at: iso(Math.min(...activities.map(({ occurredAt }) => occurredAt))),
    last_activity_at: lastTime(activities),
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();

const lastTime = (activities: readonly Activity[]): string | null =>
  activities.length === 0 ? null : iso(Math.max(...activities.map(({ occurredAt }) => occurredAt)));

/** The values that the activities of the latest time carry. */
function textsAtEnd<T>(activities: readonly Activity[], valueOf: (activity: Activity) => T | null): T[] {
  const end = Math.max(...activities.map(({ occurredAt }) => occurredAt));
  return activities
    .filter(({ occurredAt }) => occurredAt === end)
    .map(valueOf)
    .filter((value) => value !== null);
}

function latestText(column: string, activities: readonly Activity[], valueOf: (activity: Activity) => string | null): Row {
  const carrying = activities.filter((activity) => valueOf(activity) !== null);
  return { [column]: greatest(textsAtEnd(carrying, valueOf)), [`${column}_at`]: lastTime(carrying) };
}

function latestList(column: string, activities: readonly Activity[], valueOf: (activity: Activity) => string[] | null): Row {
  const carrying = activities.filter((activity) => valueOf(activity) !== null);
  const lists = textsAtEnd(carrying, valueOf);
  // A list that another one begins with is the lesser one: a separator below every character says so.
  const greatestText = greatest(lists.map((list) => list.map((key) => `${key}\0`).join('')));
  return { [column]: greatestText === null ? null : greatestText.split('\0').slice(0, -1), [`${column}_at`]: lastTime(carrying) };
}

const points = (text: string): string =>
  Array.from(text, (character) => String(character.codePointAt(0)).padStart(7, '0')).join();
const byBytes = (a: string, b: string): number => (points(a) < points(b) ? -1 : Number(points(a) > points(b)));

/** By code points, which is the order of the bytes of UTF-8. */
function greatest(texts: readonly string[]): string | null {
  return texts.reduce<string | null>((best, text) => (best === null || points(text) > points(best) ? text : best), null);
}
