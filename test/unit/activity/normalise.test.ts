import { expect } from 'chai';
import { normalise, normaliseMediaType, normaliseStatus } from '../../../packages/worker/src/activity/normalise.js';
import { normaliseInstance } from '../../../packages/worker/src/activity/workflow-instance.js';
import type { WireActivity } from '../../../packages/worker/src/activity/wire-activity.js';

const normalised = (given: Partial<WireActivity>) => {
  const wire = { activityDateTime: '2024-03-01T08:00:00', activityStatus: 'DELIVERED', ...given };
  return normalise(wire, wire, null, {
    source: 'main',
    position: 3,
    occurredAt: Date.UTC(2024, 2, 1, 8),
    wallClock: wire.activityDateTime,
  });
};

describe('normaliseMediaType', () => {
  for (const [sent, kept] of [
    ['email', 'email'],
    ['Email', 'email'],
    ['E-mail', 'email'],
    ['Web Push', 'webpush'],
    ['web-push', 'webpush'],
    ['Mobile  Push', 'mobilepush'],
    ['In-App', 'inapp'],
    ['App Inbox', 'appinbox'],
    ['telegram', 'telegrambot'],
    ['Telegram Bot', 'telegrambot'],
    ['Carrier-Pigeon', 'carrierpigeon'],
    ['constructor', 'constructor'],
    ['WEB_PUSH', 'webpush'],
    ['', null],
    [' - ', null],
    ['Unknown', null],
    [null, null],
    [undefined, null],
  ] as const)
    it(`${JSON.stringify(sent)} is ${kept ?? 'none'}`, () => {
      expect(normaliseMediaType(sent)).to.equal(kept);
    });
});

describe('normaliseStatus', () => {
  for (const [sent, kept] of [
    ['READ', 'READ'],
    ['OPENED', 'READ'],
    ['RECEIVED', 'READ'],
    [' opened ', 'READ'],
    ['Delivered', 'DELIVERED'],
    ['invented tomorrow', 'INVENTED TOMORROW'],
  ] as const)
    it(`${JSON.stringify(sent)} is ${kept}`, () => {
      expect(normaliseStatus(sent)).to.equal(kept);
    });
});

describe('normalise', () => {
  it('splits and trims tags', () => {
    expect(normalised({ messageTag: 'tag2, tag ,,test,' }).messageTags).to.deep.equal(['tag2', 'tag', 'test']);
    expect(normalised({}).messageTags).to.deep.equal([]);
  });

  it('takes empty text for none', () => {
    const { email, iid, externalCustomerId } = normalised({ email: '', iid: '  ', externalCustomerId: null });
    expect([email, iid, externalCustomerId]).to.deep.equal([null, null, null]);
  });

  it('reads the phone of a Viber message from sms, as in the sample of the vendor', () => {
    const { address, phone } = normalised({ mediaType: 'viber', sms: '380971234567' });
    expect([address, phone]).to.deep.equal(['380971234567', '380971234567']);
  });

  it('prefers the own field of Viber, and sms for the phone', () => {
    const { address, phone } = normalised({ mediaType: 'viber', viber: '380970000001', sms: '380970000002' });
    expect([address, phone]).to.deep.equal(['380970000001', '380970000002']);
    expect(normalised({ mediaType: 'viber', viber: '380970000001' }).phone).to.equal('380970000001');
  });

  for (const mediaType of ['email', 'sms', 'webpush', 'mobilepush'] as const)
    it(`the address of ${mediaType} is its own field alone`, () => {
      const wire = { email: 'e', sms: 's', webpush: 'w', mobilepush: 'm' };
      expect(normalised({ ...wire, mediaType }).address).to.equal(wire[mediaType]);
      expect(normalised({ ...wire, [mediaType]: null, mediaType }).address).to.be.null;
    });

  it('an opt-out that names no channel is of e-mail, where alone there are such; nothing else is guessed', () => {
    for (const activityStatus of ['UNSUBSCRIBED', 'spam'])
      expect(normalised({ activityStatus, email: 'a@example.com', sms: '1' })).to.include({
        mediaType: 'email',
        address: 'a@example.com',
      });
    expect(normalised({ activityStatus: 'UNSUBSCRIBED', mediaType: 'viber' }).mediaType).to.equal('viber');
    expect(normalised({ activityStatus: 'READ' }).mediaType).to.be.null;
  });

  it('the platform counts contacts from 1', () => {
    expect([1, 0, -1, null].map((contactId) => normalised({ contactId }).contactId)).to.deep.equal([1, null, null, null]);
  });

  it('keeps ids and the bounce as they are, and says where there are none', () => {
    const told = { messageId: 1, messageInstanceId: 2, broadcastId: 3, workflowId: 4, hardBounce: true };
    expect(normalised(told)).to.include(told);
    const none = { messageId: null, messageInstanceId: null, broadcastId: null, workflowId: null };
    expect(normalised({})).to.include({ ...none, hardBounce: false });
    expect(normalised({ ...none, hardBounce: null })).to.include({ ...none, hardBounce: false });
  });

  it('a run of a workflow is one, in whichever case its UUID comes; any other name is what it is', () => {
    const run = '0F8FAD5B-D9CB-469F-A165-70867728950E';
    expect([run, `${run}-X`, 5, '', {}].map(normaliseInstance)).to.deep.equal([
      ...[run.toLowerCase(), `${run}-X`, '5', null, null],
    ]);
  });

  it('a channel without a field of its own shows the address that came along', () => {
    expect(normalised({ mediaType: 'In-App', webpush: 'token' }).address).to.equal('token');
    expect(normalised({ email: 'a@example.com', sms: '1' }).address).to.equal('a@example.com');
    expect(normalised({ mediaType: 'widget' }).address).to.be.null;
  });

  for (const mediaType of ['constructor', 'valueOf', 'toString'])
    it(`a channel may be called ${mediaType}`, () => {
      expect(normalised({ mediaType, email: 'a@example.com' })).to.include({
        mediaType: mediaType.toLowerCase(),
        address: 'a@example.com',
      });
    });
});
