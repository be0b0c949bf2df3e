import { expect } from 'chai';
import { readWireActivity } from '../../../packages/worker/src/activity/wire-activity.js';

const sound = { activityDateTime: '2024-03-01T08:00:00', activityStatus: 'DELIVERED' };
const texts = ['iid', 'externalCustomerId', 'email', 'sms', 'viber', 'webpush', 'mobilepush', 'statusDescription', 'messageName'];
const ids = ['contactId', 'messageId', 'messageInstanceId', 'broadcastId', 'workflowId'];
const others = ['mediaType', 'hardBounce', 'messageTag', 'clickEventLink'];
const unread = [
  'workflowInstanceId',
  'workflowBlockId',
  'sourceEventId',
  'sourceEventKey',
  'sourceEventTypeId',
  'viewMessageLink',
  'from',
];

const read = (given: object) => {
  const wire = readWireActivity({ ...sound, ...given });
  if (typeof wire === 'string') throw new Error(wire);
  return wire;
};

describe('What is read of an element', () => {
  for (const field of [...Object.keys(sound), ...texts, ...ids, ...others])
    it(`names ${field} when its type is wrong`, () => {
      expect(readWireActivity({ ...sound, [field]: { an: 'object' } })).to.match(
        new RegExp(`^${field}: must be (string|integer|boolean)$`),
      );
    });

  for (const field of Object.keys(sound))
    it(`names ${field} when it is missing`, () => {
      expect(readWireActivity({ ...sound, [field]: undefined })).to.equal(`${field}: is missing`);
    });

  for (const field of unread)
    it(`${field}, which nobody reads, refuses nothing, whatever it is`, () => {
      for (const value of [5, 'text', { an: 'object' }, [], true]) expect(read({ [field]: value })).to.include(sound);
    });

  for (const field of texts)
    it(`a number for ${field} is its digits`, () => {
      expect(read({ [field]: 380501112233 })).to.have.property(field, '380501112233');
      expect(readWireActivity({ ...sound, [field]: 1.5 })).to.equal(`${field}: must be string`);
    });

  for (const field of ids)
    it(`digits in quotes for ${field} are a number, nothing in quotes is none`, () => {
      expect(read({ [field]: ' 77 ' })).to.have.property(field, 77);
      expect(read({ [field]: '' })).to.have.property(field, null);
      expect(readWireActivity({ ...sound, [field]: 'seven' })).to.equal(`${field}: must be integer`);
    });

  it('hardBounce may be a word, or 1 and 0', () => {
    for (const [values, meaning] of [
      [[true, 'true', ' TRUE ', 1, '1'], true],
      [[false, 'False', 0, '0'], false],
      [[null, '', ' '], null],
    ] as const)
      for (const hardBounce of values) expect(read({ hardBounce }).hardBounce, JSON.stringify(hardBounce)).to.equal(meaning);
    for (const hardBounce of ['perhaps', 2, 'truely', []])
      expect(readWireActivity({ ...sound, hardBounce }), JSON.stringify(hardBounce)).to.equal('hardBounce: must be boolean');
  });

  it('tags may be a list, of numbers too', () => {
    expect(read({ messageTag: ['a', 'b'] }).messageTag).to.equal('a,b');
    expect(read({ messageTag: [2026, 'b'] }).messageTag).to.equal('2026,b');
    expect(readWireActivity({ ...sound, messageTag: ['a', null] })).to.equal('messageTag: must be string');
  });

  it('says what is the matter with an id beyond 2^53, in digits or in quotes', () => {
    for (const contactId of [2 ** 53, String(2 ** 53), '-9007199254740993'])
      expect(readWireActivity({ ...sound, contactId })).to.equal('contactId: is beyond 2^53, where numbers lose digits');
  });

  it('takes the largest ids that JSON.parse keeps', () => {
    const largest = { contactId: Number.MAX_SAFE_INTEGER, messageId: Number.MIN_SAFE_INTEGER };
    expect(read(largest)).to.include(largest);
  });

  it('bounds what is looked up by an index', () => {
    expect(read({ email: '\u{1F600}'.repeat(500) })).to.have.property('email');
    expect(readWireActivity({ ...sound, email: 'x'.repeat(501) })).to.equal('email: must NOT have more than 500 characters');
  });

  it('takes null for every field that may be absent, and keys and statuses that nobody knows', () => {
    const nulls = Object.fromEntries([...texts, ...ids, ...others].map((field) => [field, null]));
    expect(read({ ...nulls, activityStatus: 'INVENTED', invented: { deep: [] } })).to.include({ activityStatus: 'INVENTED' });
  });
});
