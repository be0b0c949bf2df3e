/** Activities as the worker has them after parsing, for tests that begin there. */
import { randomUUID } from 'node:crypto';
import type { Activity } from '../../../packages/worker/src/activity/activity.js';

export const noon = Date.UTC(2026, 2, 10, 12);

/** An e-mail that was delivered, unless `changes` say otherwise. */
export function activity(changes: Partial<Activity> = {}): Activity {
  return {
    key: randomUUID(),
    source: 'main',
    position: 0,
    occurredAt: noon,
    status: 'DELIVERED',
    mediaType: 'email',
    iid: 'iid',
    contactId: 1,
    address: 'ann@example.com',
    email: 'ann@example.com',
    phone: null,
    externalCustomerId: null,
    hardBounce: false,
    statusDescription: null,
    subscriptions: null,
    messageId: null,
    messageInstanceId: null,
    messageName: null,
    messageTags: [],
    broadcastId: null,
    workflowId: null,
    clickEventLink: null,
    ...changes,
  };
}

export const bounce = (changes: Partial<Activity> = {}): Activity =>
  activity({ status: 'UNDELIVERED', hardBounce: true, statusDescription: '5.1.1 no such user', ...changes });
