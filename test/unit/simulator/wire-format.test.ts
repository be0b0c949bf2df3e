import { expect } from 'chai';
import { generateBatches } from '../../../packages/simulator/src/generate.js';

/** Keys of the vendor's samples in their order: a bulk send undelivered, a triggered one delivered, a triggered one on Viber undelivered. */
const SAMPLES = [
  'broadcastId messageName hardBounce iid contactId externalCustomerId email mediaType activityStatus messageId messageInstanceId activityDateTime statusDescription viewMessageLink statusData',
  'messageName workflowId workflowBlockId sourceEventKey sourceEventTypeKey workflowInstanceId iid contactId externalCustomerId email mediaType activityStatus messageId messageInstanceId activityDateTime viewMessageLink statusData',
  'messageName workflowId workflowBlockId sourceEventKey sourceEventTypeKey workflowInstanceId hardBounce iid contactId sms mediaType activityStatus messageId messageInstanceId messageTag activityDateTime statusDescription statusData',
];

describe('a simulated activity', () => {
  const texts = [...generateBatches({ seed: 42, activities: 20_000, contacts: 2_500 })].flatMap(({ elements }) =>
    elements.map(({ text }) => text),
  );
  const activities = texts.map((text) => JSON.parse(text) as Record<string, unknown>);
  const values = (key: string) => new Set(activities.map((activity) => activity[key]));

  it("has the keys of the vendor's samples, in their order", () => {
    const shapes = new Set(activities.map((activity) => Object.keys(activity).join(' ')));
    for (const sample of SAMPLES) expect(shapes).to.include(sample);
  });

  it("has the vendor's types and never a null", () => {
    const numbers = ['contactId', 'messageId', 'messageInstanceId', 'broadcastId', 'workflowId'];
    const objects = ['statusData', 'subscription', 'subscripton', 'conversion'];
    const typeOf = (value: unknown) => (Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value);
    const found = new Map(
      activities.flatMap((activity) => Object.entries(activity).map(([key, value]) => [`${key} ${typeOf(value)}`, key])),
    );
    for (const [typed, key] of found) {
      const type = numbers.includes(key) ? 'number' : objects.includes(key) ? 'object' : key === 'hardBounce' ? 'boolean' : key === 'subscriptons' ? 'array' : 'string'; // prettier-ignore
      expect(typed).to.equal(`${key} ${type}`);
    }
    expect(activities.every(({ activityDateTime }) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(String(activityDateTime)))).to.be
      .true;
    expect(activities.every(({ contactId }) => Number.isSafeInteger(contactId ?? 1))).to.be.true;
  });

  it('takes every status, channel, spelling and address that the domain knows', () => {
    const statuses = ['SENT', 'DELIVERED', 'UNDELIVERED', 'READ', 'OPENED', 'RECEIVED', 'CLICKED', 'UNSUBSCRIBED', 'SPAM', 'SUBSCRIPTION_CHANGED', 'CONVERTED']; // prettier-ignore
    expect(values('activityStatus')).to.include.all.keys(...statuses);
    const media = [
      'email',
      'viber',
      'sms',
      'webpush',
      'mobilepush',
      'telegrambot',
      'widget',
      'appinbox',
      'inapp',
      'Web Push',
      'Mobile Push',
    ];
    expect(values('mediaType')).to.include.all.keys(...media);
    for (const key of ['email', 'sms', 'viber', 'webpush', 'mobilepush']) expect(values(key).size, key).to.be.above(5);
    expect(
      activities.some((activity) => !('contactId' in activity)),
      'without a contact',
    ).to.be.true;
    expect(
      activities.some((activity) => !('iid' in activity)),
      'without an iid',
    ).to.be.true;
    expect(
      activities.some((activity) => 'abTestVariant' in activity),
      'with an unknown key',
    ).to.be.true;
  });

  it('carries hardBounce and statusDescription with UNDELIVERED only, true and false, and a link with CLICKED only', () => {
    const carriers = (key: string) =>
      new Set(activities.filter((activity) => key in activity).map(({ activityStatus }) => activityStatus));
    expect([...carriers('hardBounce')]).to.deep.equal(['UNDELIVERED']);
    expect([...carriers('statusDescription')]).to.deep.equal(['UNDELIVERED']);
    expect([...carriers('clickEventLink')]).to.deep.equal(['CLICKED']);
    expect([...values('hardBounce')]).to.include.members([true, false]);
  });

  it('spells changed subscriptions in both ways, nested and at the top, with keys and without', () => {
    const changes = activities.filter(({ activityStatus }) => activityStatus === 'SUBSCRIPTION_CHANGED');
    const spellings = new Set(
      changes.map((change) =>
        JSON.stringify([change.statusData, change.subscripton, change.subscriptons]).replace(/\[[^[]*?\](?!$)/g, '[]'),
      ),
    );
    expect(spellings.size).to.be.at.least(5);
    expect(changes.some((change) => JSON.stringify(change).includes('[]'))).to.be.true;
    expect(changes.some((change) => JSON.stringify(change).includes('["'))).to.be.true;
  });

  it('is delivered and then undelivered under one iid now and then, and delivered again after a block', () => {
    const deliveredAt = new Map<unknown, unknown>();
    const blockedAt = new Map<unknown, string>();
    let contradicted = 0;
    let unblocked = 0;
    for (const { activityStatus, activityDateTime, iid, contactId, mediaType, hardBounce } of activities) {
      const channel = `${String(contactId)} ${String(mediaType)}`;
      if (activityStatus === 'DELIVERED') {
        deliveredAt.set(iid, activityDateTime);
        if (String(activityDateTime) > (blockedAt.get(channel) ?? '~')) unblocked++;
      }
      if (activityStatus === 'UNDELIVERED' && deliveredAt.has(iid)) contradicted++;
      if (hardBounce === true) blockedAt.set(channel, String(activityDateTime));
    }
    expect(contradicted).to.be.above(10);
    expect(unblocked).to.be.above(10);
  });

  it('comes again now and then, at once and much later, and sometimes late', () => {
    const seenAt = new Map<string, number>();
    const distances: number[] = [];
    texts.forEach((text, position) => {
      const before = seenAt.get(text);
      if (before !== undefined) distances.push(position - before);
      seenAt.set(text, position);
    });
    expect(distances.length / texts.length).to.be.within(0.015, 0.05);
    expect(Math.min(...distances)).to.be.below(5);
    expect(Math.max(...distances)).to.be.above(5_000);
    const times = activities.map(({ activityDateTime }) => String(activityDateTime));
    expect(times.filter((time, position) => time < (times[position - 1] ?? '')).length / times.length).to.be.within(0.03, 0.3);
  });

  it('never shares message, status, second and link with another one that says something else', () => {
    const seen = new Map<string, string>();
    texts.forEach((text, position) => {
      const { iid, contactId, messageInstanceId, activityStatus, activityDateTime, clickEventLink } = activities[position]!;
      const identity = JSON.stringify([iid ?? [contactId, messageInstanceId], activityStatus, activityDateTime, clickEventLink]);
      expect(seen.get(identity) ?? text).to.equal(text);
      seen.set(identity, text);
    });
  });

  it('falls within the span it was given', () => {
    const options = { seed: 9, activities: 3_000, from: new Date('2026-06-01T00:00:00Z'), days: 2 };
    const times = [...generateBatches(options)].flatMap(({ elements }) =>
      elements.map(({ text }) => /"activityDateTime":"(.*?)"/.exec(text)?.[1] ?? ''),
    );
    expect(times.every((time) => time >= '2026-06-01T00:00:00' && time <= '2026-06-03T00:00:00')).to.be.true;
  });
});
