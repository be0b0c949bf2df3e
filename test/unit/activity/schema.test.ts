import { expect } from 'chai';
import { describeFieldErrors, isWireActivity, wireActivitySchema } from '../../../packages/worker/src/activity/schema.js';

const sound = { activityDateTime: '2024-03-01T08:00:00', activityStatus: 'DELIVERED' };
const faultOf = (element: object): string => {
  expect(isWireActivity(element)).to.be.false;
  return describeFieldErrors(isWireActivity.errors);
};

describe('The schema of an element', () => {
  for (const field of Object.keys(wireActivitySchema.properties))
    it(`names ${field} when its type is wrong`, () => {
      expect(faultOf({ ...sound, [field]: { an: 'object' } })).to.match(
        new RegExp(`^${field}: must be (string|integer|boolean)$`),
      );
    });

  for (const field of ['activityDateTime', 'activityStatus'])
    it(`names ${field} when it is missing`, () => {
      expect(faultOf({ ...sound, [field]: undefined })).to.equal(`${field}: is missing`);
    });

  it('says what is the matter with an id beyond 2^53', () => {
    expect(faultOf({ ...sound, contactId: 2 ** 53 })).to.equal('contactId: is beyond 2^53, where numbers lose digits');
    expect(faultOf({ ...sound, messageId: -(2 ** 53) })).to.equal('messageId: is beyond 2^53, where numbers lose digits');
  });

  it('takes the largest ids that JSON.parse keeps', () => {
    expect(isWireActivity({ ...sound, contactId: Number.MAX_SAFE_INTEGER, messageId: Number.MIN_SAFE_INTEGER })).to.be.true;
  });

  it('bounds what is looked up by an index', () => {
    expect(isWireActivity({ ...sound, email: '\u{1F600}'.repeat(500) })).to.be.true;
    expect(faultOf({ ...sound, email: 'x'.repeat(501) })).to.equal('email: must NOT have more than 500 characters');
  });

  it('takes null for every field that may be absent, and keys and statuses that nobody knows', () => {
    const nulls = Object.fromEntries(Object.keys(wireActivitySchema.properties).map((field) => [field, null]));
    expect(isWireActivity({ ...nulls, ...sound, activityStatus: 'INVENTED', invented: { deep: [] } })).to.be.true;
  });
});
