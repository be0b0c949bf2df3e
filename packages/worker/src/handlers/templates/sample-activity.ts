import type { HandlerActivity } from '../handler.js';

/** What templates are tried on at boot. Its texts hold a quote and a line break, as real ones may: they break a body that does not expect them. */
export const sampleActivity: HandlerActivity = {
  followUpId: '018f0000-0000-7000-8000-000000000000',
  key: '018f0000-0000-5000-8000-000000000000',
  source: 'sample',
  status: 'UNSUBSCRIBED',
  mediaType: 'email',
  occurredAt: '2026-01-02T03:04:05.000Z',
  contactId: 1,
  externalCustomerId: 'a "quoted" id',
  address: 'ann@example.com',
  email: 'ann@example.com',
  phone: '380501234567',
  hardBounce: false,
  statusDescription: 'no such "user"\nhere',
  subscriptions: ['news'],
  iid: 'sample',
  messageId: 1,
  messageInstanceId: 1,
  messageName: 'the "sample"',
  messageTags: ['tag'],
  broadcastId: 1,
  workflowId: 1,
  clickEventLink: 'https://example.com/?a="b"',
  contact: { email: 'ann@example.com' },
  previous: { email: 'ann@example.com' },
};
