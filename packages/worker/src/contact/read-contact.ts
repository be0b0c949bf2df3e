/** All that is known of one contact: its status, its channels, its latest activities and what they caused. */
import { foldName, nameSpellings, phoneSpellings } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { ContactChannelStatusEntity, type ContactChannelStatus } from '../db/entities/contact-channel-status.js';
import { ContactStatusEntity, type ContactStatus } from '../db/entities/contact-status.js';
import { LoggedActivityEntity, type LoggedActivity } from '../db/entities/logged-activity.js';
import type { ContactName } from './sql/find-contacts.js';
import { readContactFollowUps, type ContactFollowUp } from './sql/read-contact-follow-ups.js';
import { readQuarantined, type QuarantinedElement } from './sql/read-quarantined.js';
import { readNamesakes, type Namesake } from './sql/read-namesakes.js';
import { readMessageNames } from './sql/read-message-names.js';

export type { ContactFollowUp } from './sql/read-contact-follow-ups.js';
export type { Namesake } from './sql/read-namesakes.js';

/** `messageName` stands in the body only; null where it has none, and beyond the latest {@link namedActivities}. */
export type NamedActivity = LoggedActivity & { messageName: string | null };

export interface KnownContact {
  contact: ContactStatus;
  channels: ContactChannelStatus[];
  /** Latest first. */
  activities: NamedActivity[];
  /** The latest few, latest first; null for a user who may not read them. */
  followUps: ContactFollowUp[] | null;
  /** The latest few broken elements that may be an opt-out of this contact; null for a user who may not read them. */
  quarantined: QuarantinedElement[] | null;
  /** Other contacts of the source with the same external id or address: the platform merges contacts without telling. */
  alsoKnownAs: Namesake[];
}

/** A name costs the reading of a whole body: so many are looked up. */
const namedActivities = 100;
const shownFollowUps = 10;
const shownQuarantined = 10;
/** An address of a shop's till may be that of thousands. */
const shownNamesakes = 20;

/** The contact with its latest `limit` activities; rejects when there is no such contact. */
export async function readContact(
  dataSource: DataSource,
  key: { source: string; contactId: number },
  limit: number,
): Promise<KnownContact> {
  const activities = await dataSource
    .getRepository(LoggedActivityEntity)
    .find({ where: key, order: { occurredAt: 'DESC' }, take: limit });
  const names = await readMessageNames(dataSource, activities.slice(0, namedActivities));
  const contact = await dataSource.getRepository(ContactStatusEntity).findOneByOrFail(key);
  const channels = await dataSource.getRepository(ContactChannelStatusEntity).find({ where: key, order: { mediaType: 'ASC' } });
  const known = [contact.email, contact.phone, contact.externalCustomerId, ...channels.map(({ address }) => address)];
  return {
    contact,
    channels,
    activities: activities.map((activity) => ({ ...activity, messageName: names.get(activity.activityKey) ?? null })),
    followUps: await readContactFollowUps(dataSource, key, shownFollowUps),
    quarantined: await readQuarantined(dataSource, { ...key, names: known.filter((name) => name !== null) }, shownQuarantined),
    alsoKnownAs: await readNamesakes(dataSource, key, shownNamesakes),
  };
}

/** Of somebody who is not known: as in {@link KnownContact.quarantined}. */
export function readQuarantinedOf(
  dataSource: DataSource,
  { kind, text }: ContactName,
  source: string | null,
): Promise<QuarantinedElement[] | null> {
  const folded = foldName(text);
  const isId = (kind === 'id' || kind === 'any') && /^\d{1,15}$/.test(folded);
  const names = kind === 'id' ? [] : [...nameSpellings(text), ...phoneSpellings(folded)];
  return readQuarantined(dataSource, { source, contactId: isId ? Number(folded) : null, names }, shownQuarantined);
}
