/** What an export says of contacts themselves, beside what we hold of them: counted by kind, and nothing is changed. */
import { PermanentError, type Logger } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import type { People } from '../activity/people.js';
import type { Period, Road, RoadContact } from './road.js';
import { readContacts, type HeldContact } from './sql/read-contacts.js';
import { dayOf, Tally, type DriftCount } from './tally.js';
import { clockOf } from './wall-clock.js';

/** Their dates may be days without a time, and a message that was sent comes later. */
const slackMs = 86_400_000;

export interface ContactsRequest {
  source: string;
  timeZone: string;
  road: Pick<Road, 'contacts'>;
  period: Period;
  /** Nothing is said of them. */
  erased: People;
}

/** None where the road says nothing of contacts. */
export async function compareContacts(
  dataSource: DataSource,
  { source, timeZone, road, period, erased }: ContactsRequest,
  log: Logger,
): Promise<DriftCount[]> {
  const tally = new Tally();
  try {
    for await (const told of road.contacts?.(period) ?? []) {
      const contacts = told.filter(({ contactId }) => !erased.hasContact(contactId));
      const held = await readContacts(
        dataSource,
        source,
        contacts.map(({ contactId }) => contactId),
      );
      for (const contact of contacts) count(tally, contact, held.get(contact.contactId), period, timeZone);
    }
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    log.info({ source, err: error.message }, 'contacts were not compared');
  }
  return tally.counts;
}

/** A date of theirs counts when it lies in the period and is later than ours: then we have missed something. */
function count(tally: Tally, theirs: RoadContact, ours: HeldContact | undefined, period: Period, timeZone: string): void {
  const isMissed = (date: number | null, held: number | null | undefined): date is number =>
    date !== null &&
    date >= period.from &&
    date < period.to &&
    date - (held == null ? Number.NEGATIVE_INFINITY : clockOf(held, timeZone)) > slackMs;
  for (const kind of ['delivered', 'opened', 'clicked'] as const) {
    const date = theirs[kind];
    if (isMissed(date, ours?.[kind])) tally.add(dayOf(date), '', `contact_${kind}`);
  }
  if (isMissed(theirs.sent, ours?.latest)) tally.add(dayOf(theirs.sent), '', 'contact_sent');
  const latest = Math.max(...[theirs.sent, theirs.delivered, theirs.opened, theirs.clicked].map((date) => date ?? 0));
  const says = flagsOf(theirs.emailStatus);
  if (says === null || ours === undefined) return;
  for (const flag of ['unsubscribed', 'blacklisted'] as const)
    if (says[flag] !== (ours[flag] ?? false)) tally.add(dayOf(latest), '', `contact_${flag}`);
}

/** null for a word that nobody has described: nothing is concluded from it. */
function flagsOf(status: string | null): { unsubscribed: boolean; blacklisted: boolean } | null {
  const word = (status ?? '')
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, '');
  if (/unsub|optout/.test(word)) return { unsubscribed: true, blacklisted: false };
  if (/black|bounce|spam|invalid|stop/.test(word)) return { unsubscribed: false, blacklisted: true };
  return ['active', 'confirmed', 'subscribed', 'valid', 'ok'].includes(word) ? { unsubscribed: false, blacklisted: false } : null;
}
