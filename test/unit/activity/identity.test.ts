import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parseBatch } from '../../../packages/worker/src/activity/parse-batch.js';
import { complete } from '../../support/arbitrary-activity.js';

const context = { source: 'main', timeZone: 'UTC' };
const keysOf = (...elements: object[]) => {
  const { activities, rejections } = parseBatch(Buffer.from(JSON.stringify(elements)), context);
  expect(rejections).to.deep.equal([]);
  return activities.map(({ key }) => key);
};
const element = { activityDateTime: '2024-03-01T08:00:00', activityStatus: 'READ', iid: 'i', contactId: 1, mediaType: 'email' };

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

  it('is these very keys: with others, what the log has would come again as new', () => {
    const sample = { ...element, iid: '262ac297-6ae1-11ec-a2ec-0050569bdf92' };
    const click = { ...sample, activityStatus: 'CLICKED', clickEventLink: 'https://example.com/a?b=1' };
    const view = { ...element, iid: null, mediaType: 'widget', widgetId: 7, data: { b: 1, a: ['é'] } };
    expect(keysOf(sample, click, view)).to.deep.equal([
      'd649d8df-1a21-84ec-bce0-3f9169929bf6',
      '808c9eef-ca44-855d-852f-604f0a0d720b',
      'f31cfb97-0644-8709-b841-d7f6bd6ee618',
    ]);
    expect(keysOf(...Array.from({ length: 8 }, (_, nth) => ({ ...element, iid: `message ${nth}` })))).to.deep.equal([
      '3df42ade-8bc3-85ca-8cb4-803a76d0f821',
      'fd92b99f-78e0-8619-b8f2-ec1559e37cfc',
      'ef896f17-970d-8a12-a82f-94032f265274',
      'eae7fc5c-3366-8ff0-a8e2-62509cbe482a',
      'e45ea75b-4091-8f18-bac1-b7945e4e855c',
      'dd0bf33a-292d-818d-b333-f10bfbfeee31',
      '6ef86f8e-12f1-88d0-b345-b1dff3e874bc',
      '87a46482-3a16-8621-a4aa-af1c5870ace9',
    ]);
  });

  it('is a UUID of version 8', () => {
    expect(keysOf(element)[0]).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('is not changed by a corrected time zone of the source, but by every part of it', () => {
    const sound = { ...element, activityStatus: 'CLICKED', clickEventLink: 'https://example.com/a' };
    const keyIn = (timeZone: string, changed: object = {}, source = 'main') =>
      parseBatch(Buffer.from(JSON.stringify({ ...sound, ...changed })), { source, timeZone }).activities[0]?.key;
    expect(keyIn('Europe/Kyiv')).to.equal(keyIn('UTC'));
    const parts = [
      { iid: 'j' },
      { activityStatus: 'READ' },
      { activityDateTime: '2024-03-01T08:00:01' },
      { clickEventLink: null },
    ];
    for (const part of parts) expect(keyIn('UTC', part), JSON.stringify(part)).to.not.equal(keyIn('UTC'));
    expect(keyIn('UTC', {}, 'other')).to.not.equal(keyIn('UTC'));
    const others = [{ contactId: 2 }, { mediaType: 'sms' }, { hardBounce: true }, { statusDescription: 'x' }, { messageId: 5 }];
    for (const other of others) expect(keyIn('UTC', other), JSON.stringify(other)).to.equal(keyIn('UTC'));
  });

  it('without iid is the whole element, in whatever order its keys stand and however status and channel are spelt', () => {
    const view = {
      activityDateTime: '2024-03-01T08:00:00',
      activityStatus: 'READ',
      mediaType: 'widget',
      contactId: 1,
      widgetId: 7,
    };
    const [one, same, ...others] = keysOf(
      view,
      { ...Object.fromEntries(Object.entries(view).reverse()), activityStatus: 'opened', mediaType: 'Widget', iid: null },
      { ...view, contactId: 2 },
      { ...view, widgetId: 8 },
      { ...view, data: { b: 1, a: [2] } },
      { ...view, data: { a: [2], b: 2 } },
    );
    expect(same).to.equal(one);
    expect(new Set([one, ...others]).size).to.equal(others.length + 1);
    const [nested, reordered] = keysOf({ ...view, data: { b: 1, a: [2] } }, { ...view, data: { a: [2], b: 1 } });
    expect(nested).to.equal(reordered);
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
