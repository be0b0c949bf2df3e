import type { ContactSnapshot, HandlerActivity } from '../handler.js';

/** A quote, a backslash and a line break, as real texts may hold: they break a body that does not expect them. */
export const hostile = (text: string): string => `${text} "\\\n`;

const time = '2026-01-02T03:04:05.000Z';

/** A row of `contact_status`. */
export const sampleContact: ContactSnapshot = {
  source: 'sample',
  contact_id: 1,
  email: hostile('ann@example.com'),
  phone: hostile('380501234567'),
  external_customer_id: hostile('an id'),
  blacklisted: true,
  blacklist_reason: hostile('no such user'),
  blacklisted_at: time,
  unsubscribed: true,
  unsubscribed_at: time,
  opted_out_at: time,
  resubscribed_at: time,
  subscriptions: [hostile('news')],
  reachable: ['email'],
  last_sent_at: time,
  last_delivered_at: time,
  last_undelivered_at: time,
  last_opened_at: time,
  last_clicked_at: time,
  spam_reported_at: time,
  first_activity_at: time,
  last_activity_at: time,
  email_at: time,
  phone_at: time,
  external_customer_id_at: time,
  subscriptions_at: time,
  updated_at: time,
};

/** What templates are tried on at boot. Every text in it that comes from outside is hostile. */
export const sampleActivity: HandlerActivity = {
  followUpId: '018f0000-0000-7000-8000-000000000000',
  key: '018f0000-0000-5000-8000-000000000000',
  source: 'sample',
  status: 'UNSUBSCRIBED',
  mediaType: 'email',
  occurredAt: time,
  contactId: 1,
  externalCustomerId: hostile('an id'),
  address: hostile('ann@example.com'),
  email: hostile('ann@example.com'),
  phone: hostile('380501234567'),
  hardBounce: false,
  statusDescription: hostile('no such user'),
  subscriptions: [hostile('news')],
  iid: hostile('sample'),
  messageId: 1,
  messageInstanceId: 1,
  messageName: hostile('the sample'),
  messageTags: [hostile('tag')],
  broadcastId: 1,
  workflowId: 1,
  workflowInstanceId: hostile('a run'),
  clickEventLink: hostile('https://example.com/?a=b'),
  contact: sampleContact,
  previous: sampleContact,
};
