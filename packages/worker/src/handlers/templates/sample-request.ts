import type { HandlerRequest } from '../handler.js';
import { hostile, sampleContact } from './sample-activity.js';

/** What templates of actions with `workflow` are tried on. What a body holds nobody knows: all of its fields are missing here. */
export const sampleRequest: HandlerRequest = {
  type: 'workflow',
  followUpId: '018f0000-0000-7000-8000-000000000000',
  key: '018f0000-0000-7000-8000-000000000001',
  source: 'sample',
  hook: 'sample',
  occurredAt: '2026-01-02T03:04:05.000Z',
  method: 'POST',
  query: {},
  contentType: hostile('application/json'),
  body: {},
  contactId: 1,
  externalCustomerId: hostile('an id'),
  email: hostile('ann@example.com'),
  phone: hostile('380501234567'),
  workflowInstanceId: hostile('a run'),
  contact: sampleContact,
  previous: null,
};
