import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Activity } from '../../../packages/worker/src/activity/activity.js';
import { parseBatch } from '../../../packages/worker/src/activity/parse-batch.js';
import { complete } from '../../support/arbitrary-activity.js';

const context = { source: 'main', timeZone: 'UTC' };
const keysOf = (...elements: object[]) => {
  const { activities, rejections } = parseBatch(Buffer.from(JSON.stringify(elements)), context);
  expect(rejections).to.deep.equal([]);
  return activities.map(({ key }) => key);
};
const element = { activityDateTime: '2024-03-01T08:00:00', activityStatus: 'READ', iid: 'i', contactId: 1, mediaType: 'email' };

const text = fc.string({ maxLength: 5 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value);
const anyActivity = fc
  .record({
    source: text,
    iid: maybe(text),
    status: text,
    occurredAt: fc.integer({ min: 0, max: 4e12 }),
    clickEventLink: maybe(text),
    contactId: maybe(fc.maxSafeInteger()),
    messageInstanceId: maybe(fc.maxSafeInteger()),
    mediaType: text,
    position: fc.nat(),
    address: maybe(text),
    email: maybe(text),
    phone: maybe(text),
    externalCustomerId: maybe(text),
    hardBounce: fc.boolean(),
    statusDescription: maybe(text),
    subscriptions: maybe(fc.array(text)),
    messageId: maybe(fc.nat()),
    messageName: maybe(text),
    messageTags: fc.array(text),
    broadcastId: maybe(fc.nat()),
    workflowId: maybe(fc.nat()),
  })
  .map(complete);

const always = ['source', 'iid', 'status', 'occurredAt', 'clickEventLink'] as const;
const withoutIid = ['contactId', 'messageInstanceId', 'mediaType'] as const;

describe('The identity of an activity', () => {
  it('tells the two statuses under one iid of the vendor’s sample apart', () => {
    const sample = readFileSync(new URL('../../samples/bulk.json', import.meta.url));
    const { activities } = parseBatch(sample, context);
    const [first] = activities;
    const ofFirst = activities.filter(({ iid }) => iid === first?.iid);
    expect(ofFirst.map(({ status }) => status)).to.deep.equal(['DELIVERED', 'UNDELIVERED']);
    expect(new Set(activities.map(({ key }) => key)).size).to.equal(activities.length);
  });

  it('is the same for READ and its aliases', () => {
    const keys = keysOf(element, { ...element, activityStatus: 'OPENED' }, { ...element, activityStatus: 'RECEIVED' });
    expect(new Set(keys).size).to.equal(1);
  });

  it('is the same for one moment written with an offset', () => {
    const [plain, offset] = keysOf(element, { ...element, activityDateTime: '2024-03-01T10:00:00+02:00' });
    expect(plain).to.equal(offset);
  });

  it('is a UUID of version 8', () => {
    expect(keysOf(element)[0]).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('changes with any difference in a part of it, and with no other', () => {
    fc.assert(
      fc.property(anyActivity, anyActivity, (activity, other) => {
        const parts: readonly (keyof Activity)[] = activity.iid === null ? [...always, ...withoutIid] : always;
        for (const field of Object.keys(activity) as (keyof Activity)[]) {
          if (field === 'key' || Object.is(activity[field], other[field])) continue;
          const { key } = complete({ ...activity, [field]: other[field] });
          if (parts.includes(field)) expect(key, field).not.to.equal(activity.key);
          else expect(key, field).to.equal(activity.key);
        }
      }),
    );
  });

  it('never runs its parts together', () => {
    const keys = [
      complete({ source: 'a', iid: 'bc' }),
      complete({ source: 'ab', iid: 'c' }),
      complete({ source: 'a"', iid: ',b' }),
      complete({ source: 'a', iid: 'null' }),
      complete({ source: 'a', iid: null }),
    ].map(({ key }) => key);
    expect(new Set(keys).size).to.equal(keys.length);
  });
});
