import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { counts, describeBadInput, sound, soundText, type BrokenElements } from './set-up.js';

const broken: BrokenElements = {
  '1e999 for an id': [
    '{"activityStatus":"READ","activityDateTime":"2024-05-01T10:00:00","contactId":1e999}',
    'invalid-field',
    'contactId',
  ],
  '400 digits for an id': [
    `{"activityStatus":"READ","activityDateTime":"2024-05-01T10:00:00","contactId":${'9'.repeat(400)}}`,
    'invalid-field',
    'contactId',
  ],
  'an id above 2^53': [
    '{"activityStatus":"READ","activityDateTime":"2024-05-01T10:00:00","contactId":9007199254740993}',
    'invalid-field',
    'contactId: is beyond 2^53',
  ],
  'an id below -2^53': [soundText('"messageId":-9007199254740993'), 'invalid-field', 'messageId: is beyond 2^53'],
  'an id with a fraction': [soundText('"broadcastId":1.5'), 'invalid-field', 'broadcastId'],
  'an id in words': [JSON.stringify(sound({ contactId: 'nobody' })), 'invalid-field', 'contactId: must be integer'],
  'an iid as list': [JSON.stringify(sound({ iid: [42] })), 'invalid-field', 'iid: must be string'],
};

describeBadInput('ids and numbers', ({ pipeline, deliver, contact, expectProjected, quarantines }) => {
  describe('an element that is quarantined while the rest of its batch goes on:', () => {
    quarantines(broken);
  });

  it('the largest id that is safe', async () => {
    const element = sound({ contactId: Number.MAX_SAFE_INTEGER, messageId: Number.MAX_SAFE_INTEGER });
    const outcome = await deliver(JSON.stringify([element]));
    expect(outcome.activities[0]).to.include({ contact_id: '9007199254740991', message_id: '9007199254740991' });
    await expectProjected(element);
  });

  it('no iid: the contact, the message and the channel tell activities apart', async () => {
    const base = sound({ iid: undefined, messageInstanceId: 1 });
    const elements = [
      base,
      base,
      { ...base, contactId: sound().contactId },
      { ...base, messageInstanceId: 2 },
      { ...base, mediaType: 'sms' },
    ];
    expect(counts(await deliver(JSON.stringify(elements)))).to.deep.equal({ total: 5, new: 4, duplicate: 1, rejected: 0 });
  });

  it('no contactId: logged, and projected nowhere', async () => {
    const before = await pipeline().query('select count(*) from vidhuk.contact_status');
    const outcome = await deliver(JSON.stringify([sound({ contactId: undefined })]));
    expect(outcome.activities[0]).to.include({ contact_id: null, status: 'READ' });
    expect(await pipeline().query('select count(*) from vidhuk.contact_status')).to.deep.equal(before);
  });

  it('two statuses under one iid, as in the sample of the vendor', async () => {
    const text = await readFile(new URL('../../samples/bulk.json', import.meta.url), 'utf8');
    const outcome = await deliver(text);
    expect(counts(outcome)).to.deep.equal({ total: 4, new: 4, duplicate: 0, rejected: 0 });
    const ofOne = outcome.activities.filter(({ iid }) => iid === '99d591ab-e7a5-49ed-8e16-b3023378fc18');
    expect(ofOne.map(({ status }) => status)).to.deep.equal(['DELIVERED', 'UNDELIVERED']);
    expect(await contact({ contactId: 1967597908 })).to.deep.include({
      last_delivered_at: new Date('2023-09-14T08:30:03Z'),
      last_undelivered_at: new Date('2023-09-14T08:30:07Z'),
      blacklisted: false, // hardBounce is false there
    });
  });
});
