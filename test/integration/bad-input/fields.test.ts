import { expect } from 'chai';
import { counts, describeBadInput, sound, type BrokenElements } from './set-up.js';

const broken: BrokenElements = {
  'a flag that is neither true nor false': [
    JSON.stringify(sound({ activityStatus: 'UNDELIVERED', hardBounce: 'perhaps' })),
    'invalid-field',
    'hardBounce',
  ],
  'no status': [JSON.stringify(sound({ activityStatus: undefined })), 'invalid-field', 'activityStatus: is missing'],
  'an empty status': [JSON.stringify(sound({ activityStatus: '' })), 'invalid-field', 'activityStatus'],
  'a status that is a list': [JSON.stringify(sound({ activityStatus: ['READ'] })), 'invalid-field', 'activityStatus'],
  'an address of 10,000 characters': [JSON.stringify(sound({ email: 'x'.repeat(10_000) })), 'invalid-field', 'email'],
  'subscriptions that are no keys': [
    JSON.stringify(sound({ activityStatus: 'SUBSCRIPTION_CHANGED', subscriptions: ['a', {}] })),
    'invalid-field',
    'subscriptions',
  ],
  null: ['null', 'not-an-object', 'null'],
  'a number': ['-12.5e3', 'not-an-object', 'number'],
  'a string with brackets': ['"],[{\\""', 'not-an-object', 'string'],
  'an empty array': ['[ ]', 'not-an-object', 'array'],
  'an empty object': ['{ }', 'invalid-field', 'is missing'],
};

describeBadInput('statuses, fields and kinds', ({ deliver, contact, expectProjected, quarantines }) => {
  describe('an element that is quarantined while the rest of its batch goes on:', () => {
    quarantines(broken);
  });

  it('fields that nobody reads refuse nothing, whatever their type: an opt-out is not lost for one', async () => {
    const unread = {
      ...{ workflowInstanceId: 5, workflowBlockId: { a: 1 }, sourceEventId: 'x', sourceEventKey: 5, sourceEventTypeId: 't' },
      ...{ sourceEventTypeKey: [1], viewMessageLink: 7, statusData: 5, subscriptions: 'news', from: [] },
    };
    const element = sound({ activityStatus: 'UNSUBSCRIBED', workflowId: 340_484, ...unread });
    expect(counts(await deliver(JSON.stringify([element])))).to.include({ new: 1, rejected: 0 });
    expect(await contact(element)).to.include({ unsubscribed: true });
  });

  it('null for keys that might be absent', async () => {
    const nulls = {
      externalCustomerId: null,
      sms: null,
      hardBounce: null,
      messageId: null,
      statusData: null,
      messageTag: null,
    };
    const element = sound(nulls);
    expect(counts(await deliver(JSON.stringify([element])))).to.include({ new: 1, rejected: 0 });
    await expectProjected(element);
  });

  it('an unknown status: logged under its name, and no more than an activity of the contact', async () => {
    const element = sound({ activityStatus: 'Teleported', activityDateTime: '2024-05-02T10:00:00' });
    const outcome = await deliver(JSON.stringify([element]));
    expect(outcome.activities[0]).to.include({ status: 'TELEPORTED' });
    const at = new Date('2024-05-02T10:00:00Z');
    expect(await contact(element)).to.deep.include({
      last_activity_at: at,
      last_opened_at: null,
      last_delivered_at: null,
      blacklisted: false,
      unsubscribed: false,
    });
  });

  it('subscriptions in every spelling and place', async () => {
    const keys = ['news', 'sale'];
    const spellings: Record<string, unknown>[] = [
      { statusData: { subscription: { subscriptions: keys } } },
      { statusData: { subscripton: { subscriptons: keys } } },
      { statusData: { subscriptions: keys } },
      { subscription: { subscriptions: keys } },
      { subscripton: { subscriptons: keys } },
      { subscriptions: keys },
      { subscriptons: keys },
    ];
    const elements = spellings.map((spelling) => sound({ activityStatus: 'SUBSCRIPTION_CHANGED', ...spelling }));
    expect(counts(await deliver(JSON.stringify(elements)))).to.include({ new: elements.length, rejected: 0 });
    for (const [index, element] of elements.entries())
      expect(await contact(element), JSON.stringify(spellings[index])).to.deep.include({
        subscriptions: keys,
        unsubscribed: false,
      });
  });
});
