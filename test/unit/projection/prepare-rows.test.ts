import { expect } from 'chai';
import fc from 'fast-check';
import { prepareRows } from '../../../packages/worker/src/projection/prepare-rows.js';
import { collidingActivity } from '../../support/arbitrary-activity.js';
import { batchOfActivities } from '../../support/projection.js';

const batches = fc
  .array(fc.array(collidingActivity('main'), { maxLength: 10 }), { maxLength: 5 })
  .map((drawn) => drawn.map((activities) => batchOfActivities('main', activities)));

describe('the rows of a transaction', () => {
  it('bring each activity to the log once, by time and then by key: whoever brings the same waits instead of deadlocking', () => {
    fc.assert(
      fc.property(batches, (given) => {
        const { brought } = prepareRows(given);
        const order = brought.map(({ activity }) => `${new Date(activity.occurredAt).toISOString()} ${activity.key}`);
        const all = given.flatMap(({ activities }) =>
          activities.map((each) => `${new Date(each.occurredAt).toISOString()} ${each.key}`),
        );
        expect(order).to.deep.equal([...new Set(all)].sort());
      }),
      { numRuns: 200 },
    );
  });
});
