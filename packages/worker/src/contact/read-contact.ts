/** All that is known of one contact: its status, its channels, its latest activities. */
import type { DataSource } from 'typeorm';
import { ContactChannelStatusEntity, type ContactChannelStatus } from '../db/entities/contact-channel-status.js';
import { ContactStatusEntity, type ContactStatus } from '../db/entities/contact-status.js';
import { LoggedActivityEntity, type LoggedActivity } from '../db/entities/logged-activity.js';

export interface KnownContact {
  contact: ContactStatus;
  channels: ContactChannelStatus[];
  /** Latest first. */
  activities: LoggedActivity[];
}

/** The contact with its latest `limit` activities; rejects when there is no such contact. */
export async function readContact(
  dataSource: DataSource,
  key: { source: string; contactId: number },
  limit: number,
): Promise<KnownContact> {
  return {
    contact: await dataSource.getRepository(ContactStatusEntity).findOneByOrFail(key),
    channels: await dataSource.getRepository(ContactChannelStatusEntity).find({ where: key, order: { mediaType: 'ASC' } }),
    activities: await dataSource
      .getRepository(LoggedActivityEntity)
      .find({ where: key, order: { occurredAt: 'DESC' }, take: limit }),
  };
}
