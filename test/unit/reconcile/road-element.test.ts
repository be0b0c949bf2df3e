import { expect } from 'chai';
import { toWebhookElement } from '../../../packages/worker/src/reconcile/road-element.js';

describe('A row of another road as the webhook would write it', () => {
  it('has the names of the webhook, from the API and from exports of every age, whatever their case', () => {
    expect(toWebhookElement({ webPushToken: 't', mobPushToken: 'm', messageTags: 'a,b', eventTypeKey: 'k' })).to.deep.equal({
      ...{ webpush: 't', mobilepush: 'm', messageTag: 'a,b', sourceEventTypeKey: 'k' },
    });
    expect(
      toWebhookElement({ activity: 'RECEIVED', errorcode: '5.1.1', STARTED: '2026-03-01 08:00:00', contact_id: 7 }),
    ).to.deep.equal({
      ...{ activityStatus: 'RECEIVED', statusDescription: '5.1.1', activityDateTime: '2026-03-01T08:00:00', contactId: 7 },
    });
  });

  it('keeps what the webhook does not have, and leaves out what is empty', () => {
    expect(toWebhookElement({ offset: 'x', campaignType: 'IM', iid: '', email: null })).to.deep.equal({
      offset: 'x',
      campaignType: 'IM',
    });
  });

  it('takes the name of the webhook where two fields mean the same', () => {
    expect(toWebhookElement({ activity: 'READ', activityStatus: 'CLICKED' })).to.deep.equal({ activityStatus: 'CLICKED' });
    expect(toWebhookElement({ activityStatus: 'CLICKED', activity: 'READ' })).to.deep.equal({ activityStatus: 'CLICKED' });
  });

  const times = [
    ['2026-03-01 08:00:00.123', '2026-03-01T08:00:00'],
    ['2026-03-01T08:00:00.000Z', '2026-03-01T08:00:00Z'],
    ['2026-03-01 08:00:00+02', '2026-03-01T08:00:00+02:00'],
    ['2026-03-01 08:00:00 +0200', '2026-03-01T08:00:00+0200'],
    ['yesterday', 'yesterday'],
  ];
  for (const [written, expected] of times)
    it(`writes "${String(written)}" as "${String(expected)}"`, () => {
      expect(toWebhookElement({ activityDateTime: written })).to.deep.equal({ activityDateTime: expected });
    });

  it('reads JSON where a file has it as text', () => {
    const subscriptions = { subscriptions: ['news'] };
    expect(toWebhookElement({ statusData: JSON.stringify(subscriptions) })).to.deep.equal({ statusData: subscriptions });
    expect(toWebhookElement({ statusData: '{broken' })).to.deep.equal({ statusData: '{broken' });
  });

  it('has a field __proto__ as a field', () => {
    const element = toWebhookElement(JSON.parse('{"__proto__":{"iid":"x"}}') as Record<string, unknown>);
    expect(Object.keys(element)).to.deep.equal(['__proto__']);
    expect(element.iid).to.equal(undefined);
  });
});
