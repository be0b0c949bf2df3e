/** As a tutorial would do it: one BullMQ job per event, and TypeORM's repositories in a transaction for each. */
import { DataSource, type EntityManager } from 'typeorm';
import { ContactChannelStatusEntity } from '../../../packages/worker/src/db/entities/contact-channel-status.js';
import { ContactStatusEntity } from '../../../packages/worker/src/db/entities/contact-status.js';
import type { WebhookEvent } from './alternative.js';
import { bullmqQueue } from './bullmq-queue.js';
import { defineAlternative } from './define-alternative.js';
import { LoggedEventEntity } from './logged-event.js';
import { isAboutContact } from '../../../packages/worker/src/projection/rules.js';
import { mergeIntoChannel, mergeIntoContact, newChannel, newContact, setFlags } from './merge-activity.js';
import { readActivity } from './read-activity.js';

/** Of each worker. */
const concurrency = 20;

export const tutorial = defineAlternative(import.meta.url, {
  name: 'tutorial',
  activities: 4_000,
  ...bullmqQueue(concurrency, async ({ databaseUrl }) => {
    const entities = [LoggedEventEntity, ContactStatusEntity, ContactChannelStatusEntity];
    const dataSource = await new DataSource({ type: 'postgres', url: databaseUrl, entities, poolSize: concurrency }).initialize();
    return (event) => dataSource.transaction((manager) => handle(manager, event));
  }),
});

/**
 * A new row is inserted rather than saved: of two jobs that bring the same new contact at once, one then fails on its key, and BullMQ tries it
 * again, where `save` would look once more and overwrite what the other one wrote.
 */
async function handle(manager: EntityManager, event: WebhookEvent): Promise<void> {
  const activity = readActivity(event);
  const { key: activityKey, source, contactId, mediaType } = activity;
  const occurredAt = new Date(activity.occurredAt);
  if (await manager.existsBy(LoggedEventEntity, { activityKey })) return;
  await manager.insert(LoggedEventEntity, { ...activity, activityKey, occurredAt, raw: event });
  if (contactId === null) return;

  const where = { source, contactId };
  const contact = await manager.findOne(ContactStatusEntity, { where, lock: { mode: 'pessimistic_write' } });
  const channels = await manager.findBy(ContactChannelStatusEntity, where);
  const channelType = isAboutContact(activity) ? null : mediaType;
  const channel = channels.find((one) => one.mediaType === channelType);
  const movedContact = contact ?? newContact(source, contactId, occurredAt);
  const newOne = channel === undefined && channelType !== null ? [newChannel(source, contactId, channelType, occurredAt)] : [];
  const all = [...channels, ...newOne];
  mergeIntoContact(movedContact, activity);
  for (const one of all) if (one.mediaType === channelType) mergeIntoChannel(one, activity);
  setFlags(movedContact, all);
  await (contact === null ? manager.insert(ContactStatusEntity, movedContact) : manager.save(ContactStatusEntity, movedContact));
  await manager.insert(ContactChannelStatusEntity, newOne);
  await manager.save(ContactChannelStatusEntity, channels);
}
