import { expect } from 'chai';
import type { Rejection } from '../../../packages/worker/src/activity/activity.js';
import type { Batch } from '../../../packages/worker/src/projection/batch.js';
import { batchRowsOf, countOutcomes, setAsideOf } from '../../../packages/worker/src/projection/count-outcomes.js';
import { complete } from '../../support/arbitrary-activity.js';
import { batchOfActivities } from '../../support/projection.js';

const activities = ['a', 'b', 'c'].map((iid) => complete({ iid }));
const rejection: Rejection = { position: 3, reason: 'bad-date', detail: '', contactId: null, movesFlag: false, raw: '' };
const first = { ...batchOfActivities('main', activities), total: 4, rejections: [rejection] };
/** Of six elements, two are of erased people. */
const second = { ...batchOfActivities('main', activities), total: 5, body: Buffer.from('[1,2]') };
const freshOf = (batch: Batch, count: number) => activities.slice(0, count).map((activity) => ({ batch, activity }));

describe('What became of batches', () => {
  it('is counted for each: what the log did not have, what it had, what was refused, what is of erased people', () => {
    const outcomes = countOutcomes([first, second], [...freshOf(first, 2), ...freshOf(second, 1)]);
    expect(outcomes).to.deep.equal([
      { new: 2, duplicate: 1, rejected: 1 },
      { new: 1, duplicate: 2, rejected: 0, erased: 2 },
    ]);
    expect(countOutcomes([first], [])).to.deep.equal([{ new: 0, duplicate: 3, rejected: 1 }]);
    expect(setAsideOf([first, second], outcomes)).to.deep.equal([{ id: second.id, erased: 2, expired: 0 }]);
  });

  it('stands in their rows, with the body unless the very same is kept already', () => {
    const outcomes = countOutcomes([first, second], freshOf(first, 3));
    const [one, other] = batchRowsOf([first, second], outcomes, new Set([second.id]));
    const { id, source, origin, receivedAt } = first;
    const counted = { new: 3, duplicate: 0, rejected: 1 };
    expect(one).to.deep.equal({ id, source, origin, receivedAt, total: 4, body: first.body, bytes: 2, ...counted });
    expect(other).to.deep.include({ body: null, bytes: 5, total: 5, new: 0, duplicate: 3, erased: 2 });
  });
});
