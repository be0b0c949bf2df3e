import { expect } from 'chai';
import fc from 'fast-check';
import type { Activity } from '../../../packages/worker/src/activity/activity.js';
import { applyBatches } from '../../../packages/worker/src/projection/apply-batches.js';
import { collidingActivity, complete } from '../../support/arbitrary-activity.js';
import { expectedRows } from '../../support/oracle.js';
import {
  batchOfActivities,
  createProjector,
  loggedKeys,
  openDatabase,
  storedRows,
  type Database,
  type TestDatabase,
} from '../../support/projection.js';

/** Activities in an arbitrary order, some of them again and again, as groups of batches: [group][batch][activity]. */
const groupsOf = (activities: Activity[]): fc.Arbitrary<Activity[][][]> =>
  fc
    .tuple(
      fc.shuffledSubarray([...activities, ...activities], { minLength: activities.length }),
      fc.infiniteStream(fc.integer({ min: 1, max: 8 })),
      fc.infiniteStream(fc.integer({ min: 1, max: 3 })),
    )
    .map(([order, batchSizes, groupSizes]) => {
      const missing = activities.filter((activity) => !order.includes(activity));
      return cut(cut([...order, ...missing], batchSizes), groupSizes);
    });

function cut<T>(items: readonly T[], sizes: Iterator<number>): T[][] {
  const rest = [...items];
  const pieces: T[][] = [];
  while (rest.length > 0) pieces.push(rest.splice(0, Number(sizes.next().value)));
  return pieces;
}

describe('The projections', function () {
  this.timeout(90_000);
  let test: TestDatabase;
  let workers: Database[];
  let cases = 0;
  before(async () => {
    test = await openDatabase();
    workers = [test.database, await test.another(), await test.another()];
  });
  after(() => test.drop());

  const deliveries = fc
    .array(collidingActivity('main'), { minLength: 1, maxLength: 30 })
    .chain((activities) => fc.tuple(fc.constant(activities), groupsOf(activities)));

  async function expectTruth(source: string, activities: readonly Activity[]): Promise<void> {
    expect(await storedRows(test.database, source)).to.deep.equal(expectedRows(activities));
    expect(await loggedKeys(test.database, source)).to.deep.equal([...new Set(activities.map(({ key }) => key))].sort());
  }

  /** Each case has a source to itself, so that no tables have to be emptied. */
  function underOwnSource(activities: readonly Activity[], groups: readonly Activity[][][]) {
    const source = `case-${++cases}`;
    const moved = new Map(activities.map((activity) => [activity, complete({ ...activity, source })]));
    const renamed = (activity: Activity): Activity => moved.get(activity) ?? activity;
    return {
      source,
      all: activities.map(renamed),
      batches: groups.map((group) => group.map((batch) => batchOfActivities(source, batch.map(renamed)))),
    };
  }

  it('are what a plain fold gives, for any order, any repetition and any split into batches and transactions', async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, async ([activities, groups]) => {
        const { source, all, batches } = underOwnSource(activities, groups);
        for (const group of batches) {
          const outcomes = await applyBatches(test.database, group);
          for (const [index, { duplicate, rejected, ...outcome }] of outcomes.entries())
            expect(outcome.new + duplicate + rejected).to.equal(group[index]?.total);
        }
        await expectTruth(source, all);
      }),
      { numRuns: 150 },
    );
  });

  it('are the same when several workers apply the batches at once', async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, async ([activities, groups]) => {
        const { source, all, batches } = underOwnSource(activities, groups);
        const waiting = [...batches];
        await Promise.all(
          workers.map(async (worker) => {
            const { projector } = createProjector(worker);
            for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) await projector.project(group);
          }),
        );
        await expectTruth(source, all);
      }),
      { numRuns: 100 },
    );
  });

  it('are the same when every worker applies all of the batches', async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, async ([activities, groups]) => {
        const { source, all, batches } = underOwnSource(activities, groups);
        await Promise.all(
          workers.map(async (worker, index) => {
            const { projector } = createProjector(worker);
            for (const group of index % 2 === 0 ? batches : batches.toReversed()) await projector.project(group);
          }),
        );
        await expectTruth(source, all);
      }),
      { numRuns: 40 },
    );
  });
});
