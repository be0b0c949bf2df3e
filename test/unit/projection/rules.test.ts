import { expect } from 'chai';
import { movedColumns } from '../../../packages/worker/src/projection/rules.js';
import type { Activity } from '../../../packages/worker/src/activity/activity.js';
import { complete } from '../../support/arbitrary-activity.js';

/** The design's table "What moves what"; `last_activity_at` moves always. */
const table: readonly [string, Partial<Activity>, string[]][] = [
  ['SENT', { status: 'SENT' }, ['last_sent_at']],
  ['DELIVERED', { status: 'DELIVERED' }, ['last_delivered_at']],
  ['UNDELIVERED', { status: 'UNDELIVERED' }, ['last_undelivered_at']],
  ['UNDELIVERED with hardBounce', { status: 'UNDELIVERED', hardBounce: true }, ['last_undelivered_at', 'blacklisted_at']],
  ['READ', { status: 'READ' }, ['last_opened_at']],
  ['CLICKED', { status: 'CLICKED' }, ['last_clicked_at']],
  ['UNSUBSCRIBED', { status: 'UNSUBSCRIBED' }, ['unsubscribed_at']],
  ['SPAM', { status: 'SPAM' }, ['spam_reported_at']],
  ['SUBSCRIPTION_CHANGED to something', { status: 'SUBSCRIPTION_CHANGED', subscriptions: ['news'] }, ['resubscribed_at']],
  ['SUBSCRIPTION_CHANGED to nothing', { status: 'SUBSCRIPTION_CHANGED', subscriptions: [] }, ['opted_out_at']],
  ['SUBSCRIPTION_CHANGED without a list', { status: 'SUBSCRIPTION_CHANGED' }, []],
  ['a status that nobody knows', { status: 'INVENTED' }, []],
  ['a status with the name of a property', { status: 'constructor' }, []],
  ['hardBounce with another status', { status: 'DELIVERED', hardBounce: true }, ['last_delivered_at']],
  ['a list of subscriptions with another status', { status: 'READ', subscriptions: [] }, ['last_opened_at']],
];

describe('What moves what', () => {
  for (const [name, activity, columns] of table)
    it(`${name} moves ${columns.length > 0 ? columns.join(' and ') : 'nothing but last_activity_at'}`, () => {
      expect(movedColumns(complete(activity))).to.have.members([...columns, 'last_activity_at']);
    });
});
