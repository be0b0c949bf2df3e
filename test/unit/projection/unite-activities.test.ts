import { expect } from 'chai';
import fc from 'fast-check';
import type { Activity } from '../../../packages/worker/src/activity/activity.js';
import { uniteActivities } from '../../../packages/worker/src/projection/unite-activities.js';
import { complete, tyingTexts } from '../../support/arbitrary-activity.js';

const known = complete({ iid: 'i' });
const texts = ['workflowInstanceId', 'mediaType', 'statusDescription', 'clickEventLink'] as const;
const numbers = ['contactId', 'messageId', 'messageInstanceId', 'broadcastId', 'workflowId'] as const;

/** Of both orders, which must not show. */
function united<Field extends keyof Activity>(field: Field, a: Activity[Field], b: Activity[Field]): Activity[Field] {
  const [one, other] = [a, b].map((value): Activity => ({ ...known, [field]: value })) as [Activity, Activity];
  const result = uniteActivities(one, other);
  expect(uniteActivities(other, one), `${field}, the other way round`).to.deep.equal(result);
  return result[field];
}

describe('One activity that two roads told', () => {
  for (const field of texts)
    it(`has the longer ${field} of both, in bytes; of the same length the greater one`, () => {
      expect(united(field, null, null)).to.equal(null);
      expect(united(field, null, 'a')).to.equal('a');
      expect(united(field, 'cut', 'cut at the width')).to.equal('cut at the width');
      expect(united(field, 'abc', 'її'), 'four bytes').to.equal('її');
      expect(united(field, 'ab', 'aB')).to.equal('ab');
    });

  for (const field of numbers)
    it(`has the ${field} that one of them told, and the larger of two`, () => {
      expect([united(field, null, null), united(field, null, -5), united(field, 7, 70)]).to.deep.equal([null, -5, 70]);
    });

  it('has a hard bounce when either told of one: what is pulled tells of none', () => {
    expect([united('hardBounce', false, false), united('hardBounce', false, true)]).to.deep.equal([false, true]);
  });

  it('has the greater list of subscriptions, and one rather than none', () => {
    expect(united('subscriptions', null, null)).to.equal(null);
    expect(united('subscriptions', null, [])).to.deep.equal([]);
    expect(united('subscriptions', ['a'], ['a', 'b'])).to.deep.equal(['a', 'b']);
    expect(united('subscriptions', ['b'], ['a', 'b'])).to.deep.equal(['b']);
  });

  it('is the same in whatever order three of them come, and however often', () => {
    const text = fc.option(fc.constantFrom(...tyingTexts));
    const told = fc
      .record({
        statusDescription: text,
        clickEventLink: text,
        messageId: fc.option(fc.nat(3)),
        hardBounce: fc.boolean(),
        subscriptions: fc.option(fc.uniqueArray(fc.constantFrom('a', 'b'), { maxLength: 2 })),
      })
      .map((fields): Activity => ({ ...known, ...fields }));
    fc.assert(
      fc.property(told, told, told, (a, b, c) => {
        const one = uniteActivities(uniteActivities(a, b), c);
        expect(uniteActivities(a, uniteActivities(c, b))).to.deep.equal(one);
        expect(uniteActivities(one, a)).to.deep.equal(one);
      }),
    );
  });
});
