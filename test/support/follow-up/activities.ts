/** Activities as the worker has them after parsing, for tests that begin there. */
import { randomUUID } from 'node:crypto';
import type { Activity } from '../../../packages/worker/src/activity/activity.js';
import { complete } from '../arbitrary-activity.js';

export const noon = Date.UTC(2026, 2, 10, 12);

/** An e-mail that was delivered, unless `changes` say otherwise. */
export const activity = (changes: Partial<Activity> = {}): Activity => ({
  ...complete({ occurredAt: noon, iid: 'iid', address: 'ann@example.com', email: 'ann@example.com', ...changes }),
  key: changes.key ?? randomUUID(),
});

export const bounce = (changes: Partial<Activity> = {}): Activity =>
  activity({ status: 'UNDELIVERED', hardBounce: true, statusDescription: '5.1.1 no such user', ...changes });
