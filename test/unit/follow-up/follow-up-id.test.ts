import { expect } from 'chai';
import fc from 'fast-check';
import { followUpId } from '../../../packages/worker/src/follow-up/follow-up-id.js';

const activity = { key: '0b0c6f5e-7c1e-8f00-8000-000000000001', occurredAt: Date.UTC(2026, 4, 1) };

describe('follow-up id', () => {
  it('is one for an activity and an action, and a valid UUID at any time that an activity may have', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.string(), fc.integer({ min: -62e12, max: 253_402_300_799_999 }), (key, action, occurredAt) => {
        const id = followUpId(action, { key, occurredAt });
        expect(id).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(followUpId(action, { key, occurredAt })).to.equal(id);
      }),
    );
  });

  it('differs by action and by activity', () => {
    const other = { ...activity, key: '0b0c6f5e-7c1e-8f00-8000-000000000002' };
    const ids = [followUpId('a', activity), followUpId('b', activity), followUpId('a', other)];
    expect(new Set(ids).size).to.equal(3);
  });

  it('grows with the time of the activity, so that the index of the ledger grows at its edge', () => {
    const later = { ...activity, occurredAt: activity.occurredAt + 1 };
    expect(followUpId('b', later) > followUpId('a', activity)).to.equal(true);
  });

  it('takes times before 1970 for 1970, and no other', () => {
    const timeOf = (occurredAt: number) =>
      Number.parseInt(
        followUpId('a', { ...activity, occurredAt })
          .replace('-', '')
          .slice(0, 12),
        16,
      );
    expect([timeOf(-5), timeOf(0), timeOf(activity.occurredAt)]).to.deep.equal([0, 0, activity.occurredAt]);
  });
});
