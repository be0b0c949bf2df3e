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
export function expectedRows(activities: readonly Activity[]): ExpectedRows {
  const known = activities.filter(({ contactId }) => contactId !== null);
  const ids = [...new Set(known.map(({ source, contactId }) => JSON.stringify([source, contactId])))];
  const contacts: Row[] = [];
  const channels: Row[] = [];
  for (const [source, contactId] of ids.map((pair) => JSON.parse(pair) as [string, number])) {
    const ofContact = known.filter((activity) => activity.source === source && activity.contactId === contactId);
    const mediaTypes = [...new Set(ofContact.map(({ mediaType }) => mediaType))];
    const ofChannels = mediaTypes.map((mediaType) =>
      channelRow(
        mediaType,
        ofContact.filter((a) => a.mediaType === mediaType),
      ),
    );
    channels.push(...ofChannels.map((row) => ({ source, contact_id: contactId, ...row })));
    contacts.push({
      source,
      contact_id: contactId,
      ...sharedColumns(ofContact),
      blacklisted: ofChannels.some(({ blacklisted }) => blacklisted),
      unsubscribed: ofChannels.some(({ unsubscribed }) => unsubscribed),
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

function channelRow(mediaType: string, activities: readonly Activity[]): Row & { blacklisted: boolean; unsubscribed: boolean } {
  const { blacklisted_at, last_delivered_at, unsubscribed_at, resubscribed_at, ...rest } = sharedColumns(activities);
  return {
    media_type: mediaType,
    ...{ blacklisted_at, last_delivered_at, unsubscribed_at, resubscribed_at },
    ...rest,
    blacklisted: blacklisted_at !== null && (last_delivered_at === null || blacklisted_at >= last_delivered_at),
    unsubscribed: unsubscribed_at !== null && (resubscribed_at === null || unsubscribed_at >= resubscribed_at),
    ...latestText('address', activities, ({ address }) => address),
  };
}

function sharedColumns(activities: readonly Activity[]) {
  const latestOf = (holds: (activity: Activity) => boolean) => lastTime(activities.filter(holds));
  const isChange = (activity: Activity) => activity.status === 'SUBSCRIPTION_CHANGED' && activity.subscriptions !== null;
  const hardBounces = activities.filter(({ status, hardBounce }) => status === 'UNDELIVERED' && hardBounce);
  return {
    last_sent_at: latestOf(({ status }) => status === 'SENT'),
    last_delivered_at: latestOf(({ status }) => status === 'DELIVERED'),
    last_undelivered_at: latestOf(({ status }) => status === 'UNDELIVERED'),
    last_opened_at: latestOf(({ status }) => status === 'READ'),
    last_clicked_at: latestOf(({ status }) => status === 'CLICKED'),
    blacklisted_at: lastTime(hardBounces),
    blacklist_reason: greatest(textsAtEnd(hardBounces, ({ statusDescription }) => statusDescription)),
    unsubscribed_at: latestOf(
      (activity) =>
        activity.status === 'UNSUBSCRIBED' ||
        activity.status === 'SPAM' ||
        (isChange(activity) && activity.subscriptions?.length === 0),
    ),
    resubscribed_at: latestOf((activity) => isChange(activity) && activity.subscriptions?.length !== 0),
    spam_reported_at: latestOf(({ status }) => status === 'SPAM'),
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

/** By code points, which is the order of the bytes of UTF-8. */
function greatest(texts: readonly string[]): string | null {
  const points = (text: string) => Array.from(text, (character) => String(character.codePointAt(0)).padStart(7, '0')).join();
  return texts.reduce<string | null>((best, text) => (best === null || points(text) > points(best) ? text : best), null);
}
