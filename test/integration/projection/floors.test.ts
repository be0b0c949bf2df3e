/** Floors: what some activities have left, kept without them. */
import { expect } from 'chai';
import fc from 'fast-check';
import type { Activity } from '../../../packages/worker/src/activity/activity.js';
import { inTransaction } from '../../../packages/worker/src/db/transaction.js';
import { foldActivities, timeOf, type Fold } from '../../../packages/worker/src/projection/fold.js';
import { contactTimeColumns } from '../../../packages/worker/src/projection/rules.js';
import { readFloors } from '../../../packages/worker/src/projection/sql/read-floors.js';
import { upsertFloorNames, upsertFloors } from '../../../packages/worker/src/projection/sql/upsert-floors.js';
import { collidingActivity } from '../../support/arbitrary-activity.js';
import { openDatabase, type TestDatabase } from '../../support/projection.js';

const feed = (source: string) => fc.array(collidingActivity(source), { maxLength: 25 });

/** Without what follows from the others; a contact has fewer columns than the times that the fold counts. */
const compared = ({ contacts, channels }: Fold) => ({
  contacts: contacts.map((row) => ({
    ...row,
    times: contactTimeColumns.map((column) => timeOf(row, column)),
    mediaTypes: [],
  })),
  channels: channels.map(({ blacklistReason, ...row }) => ({ ...row, reason: blacklistReason?.value ?? '' })),
});

describe('Floors', function () {
  this.timeout(60_000);
  let test: TestDatabase;
  let cases = 0;
  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());

  const stored = async (source: string, until?: number): Promise<Fold> => {
    const all = await Promise.all([1, 2, 3].map((contactId) => readFloors(test.database, { source, contactId }, until)));
    const channels = all.flatMap((each) => each.channels);
    return {
      contacts: all.flatMap((each) => each.contacts),
      channels: channels.sort((a, b) => a.contactId - b.contactId || (a.mediaType < b.mediaType ? -1 : 1)),
    };
  };
  const merge = (parts: readonly (readonly Activity[])[], upsert = upsertFloors) =>
    inTransaction(test.database, async (client) => {
      for (const part of parts) await upsert(client, foldActivities(part));
    });

  it('and the activities behind them give what all together give, whatever went and in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(feed('main'), feed('main'), feed('main'), async (first, second, kept) => {
        const source = `case-${++cases}`;
        const [a, b, c] = [first, second, kept].map((all) => all.map((activity) => ({ ...activity, source }))) as [
          Activity[],
          Activity[],
          Activity[],
        ];
        await merge([b, a, b]);
        expect(compared(await stored(source))).to.deep.equal(compared(foldActivities([...a, ...b])));
        expect(compared(foldActivities(c, await stored(source)))).to.deep.equal(compared(foldActivities([...a, ...b, ...c])));
      }),
      { numRuns: 60 },
    );
  });
  it('of bodies alone hold names and no time: without an activity they are nobody', async () => {
    await fc.assert(
      fc.asyncProperty(feed('main'), async (bodies) => {
        const source = `case-${++cases}`;
        const told = bodies.map((activity) => ({ ...activity, source }));
        await merge([told], upsertFloorNames);
        const floors = await stored(source);
        expect(foldActivities([], floors)).to.deep.equal({ contacts: [], channels: [] });
        const nameless = told.map((activity) => ({
          ...activity,
          email: null,
          phone: null,
          externalCustomerId: null,
          address: null,
        }));
        expect(compared(foldActivities(nameless, floors))).to.deep.equal(compared(foldActivities(told)));
      }),
      { numRuns: 40 },
    );
  });
});
