import { expect } from 'chai';
import fc from 'fast-check';
import { prepareRows } from '../../../packages/worker/src/projection/prepare-rows.js';
import type { Rejection } from '../../../packages/worker/src/activity/activity.js';
import type { Batch } from '../../../packages/worker/src/projection/batch.js';
import { collidingActivity, complete } from '../../support/arbitrary-activity.js';
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

  it('are brought by the first batch that has them, with all that later ones tell of them', () => {
    const [pulled, pushed] = [false, true].map((hardBounce) => complete({ iid: 'i', status: 'UNDELIVERED', hardBounce }));
    const [first, second] = [pulled, pushed].map((activity) => batchOfActivities('main', [activity!])) as [Batch, Batch];
    const { brought, fold } = prepareRows([first, second]);
    expect(brought.map(({ batch, activity }) => [batch.id, activity.hardBounce])).to.deep.equal([[first.id, true]]);
    expect(fold.contacts).to.have.lengthOf(1);
  });

  it('log what is left of activities of erased people, and project nothing of it', () => {
    const left = complete({ iid: 'left', contactId: null });
    const batch = { ...batchOfActivities('main', [complete({ iid: 'lives' })]), erased: [left] };
    const { brought, fold, erased } = prepareRows([batch]);
    expect(brought.map(({ activity }) => activity.iid)).to.have.members(['lives', 'left']);
    expect([...erased]).to.deep.equal([left.key]);
    expect(fold.contacts.map(({ contactId }) => contactId)).to.deep.equal([1]);
    expect([...prepareRows([batchOfActivities('main', [])]).erased]).to.deep.equal([]);
  });

  it('bring what is too old for the log to the floors only', () => {
    const old = complete({ iid: 'old', occurredAt: 1 });
    const { brought, floors } = prepareRows([{ ...batchOfActivities('main', []), expired: [old] }]);
    expect([brought, floors?.contacts.length]).to.deep.equal([[], 1]);
    expect(prepareRows([batchOfActivities('main', [])]).floors).to.equal(null);
  });

  it('carry each broken element with its batch and its source', () => {
    const rejection: Rejection = { position: 7, reason: 'bad-date', detail: 'why', contactId: 5, movesFlag: true, raw: '{}' };
    const batch = { ...batchOfActivities('other', []), rejections: [rejection] };
    expect(prepareRows([batch]).rejections).to.deep.equal([[{ source: 'other', batchId: batch.id, rejection }]]);
  });

  it('go in one go while they are small: bodies of 8 MiB in all, one statement of rows, and one of broken elements', () => {
    const fits = (...given: Partial<Batch>[]) =>
      prepareRows(given.map((each) => ({ ...batchOfActivities('main', []), ...each }))).fitsInOneGo;
    const half = { body: Buffer.alloc(4 * 2 ** 20) };
    expect(fits(half, half)).to.be.true;
    expect(fits(half, half, { body: Buffer.alloc(1) })).to.be.false;
    expect(fits({ ...half, bodyElsewhere: true }, half, half), 'a body that is kept already').to.be.true;
    const broken = (mebibytes: number) => {
      const raw = 'x'.repeat(60_000);
      const rejection: Rejection = { position: 0, reason: 'bad-date', detail: '', contactId: null, movesFlag: false, raw };
      return { rejections: Array.from({ length: Math.ceil((mebibytes * 2 ** 20) / raw.length) }, () => rejection) };
    };
    expect(fits(broken(1))).to.be.true;
    expect(fits(broken(9))).to.be.false;
    const many = Array.from({ length: 5_001 }, (_, index) => complete({ iid: 'i', contactId: index + 1, occurredAt: index }));
    expect(fits({ activities: many })).to.be.false;
    expect(fits({ activities: many.slice(0, 4_000) })).to.be.true;
  });
});
