import { expect } from 'chai';
import fc from 'fast-check';
import pg from 'pg';
import { Planner } from '../../../packages/worker/src/follow-up/planner.js';
import { applyBatches } from '../../../packages/worker/src/projection/apply-batches.js';
import { collidingActivity, complete } from '../../support/arbitrary-activity.js';
import { actionsOf } from '../../support/follow-up/actions.js';
import { bounce } from '../../support/follow-up/activities.js';
import { expectedRows } from '../../support/oracle.js';
import { until } from '../../support/poll.js';
import { batchOfActivities, createProjector, openDatabase, storedRows, type TestDatabase } from '../../support/projection.js';

describe('a batch that may turn flags, beside one that does not', function () {
  this.timeout(60_000);
  let test: TestDatabase;
  before(async () => (test = await openDatabase()));
  after(() => test.drop());
  const turns = ['blacklisted', 'unsubscribed', 'reachable'];
  const planner = new Planner(actionsOf(turns.map((becomes) => ({ name: becomes, when: { becomes } }))), () => undefined);

  it('locks known and new contacts in one order, so that neither waits for the other', async () => {
    const [known, fresh] = [complete({ contactId: 1 }), complete({ contactId: 3 })];
    const { projector } = createProjector(test.database);
    await projector.project([batchOfActivities('main', [known, fresh])]);
    const other = new pg.Client({ connectionString: test.url });
    await other.connect();
    // As the upsert of a batch does it: the known contact, of which it tells nothing new and which it only locks, then the new one.
    const upsert = (id: number) =>
      other.query(
        `insert into vidhuk.contact_status (source, contact_id, first_activity_at, last_activity_at) values ('main', $1, now(), now())
         on conflict (source, contact_id) do update set updated_at = now() where false`,
        [id],
      );
    await other.query('begin');
    await upsert(1);
    // The first and the last may turn a flag, the one between may not.
    const batch = [bounce({ contactId: 1 }), complete({ contactId: 2, iid: 'of-2' }), bounce({ contactId: 3 })];
    const applied = applyBatches(test.database, [batchOfActivities('main', batch)], undefined, planner);
    applied.catch(() => undefined); // it is awaited below
    const watcher = new pg.Client({ connectionString: test.url });
    await watcher.connect();
    await until('it waits', async () => {
      const { rows } = await watcher.query('select from pg_locks where not granted');
      return rows.length > 0;
    });
    await upsert(2);
    await upsert(3);
    await other.query('commit');
    expect(await applied).to.deep.equal([{ new: 3, duplicate: 0, rejected: 0 }]);
    await other.end();
    await watcher.end();
  });

  it('leaves the projections that any other batch leaves, of known contacts and of new ones', async () => {
    let cases = 0;
    const groups = fc.array(fc.array(collidingActivity('main'), { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(groups, async (given) => {
        const source = `case-${++cases}`;
        const own = given.map((activities) => activities.map((each) => complete({ ...each, source })));
        for (const [nth, activities] of own.entries()) {
          const batches = [batchOfActivities(source, activities)];
          await applyBatches(test.database, batches, undefined, nth % 3 === 2 ? undefined : planner);
        }
        expect(await storedRows(test.database, source)).to.deep.equal(expectedRows(own.flat()));
      }),
      { numRuns: 60 },
    );
  });
});
