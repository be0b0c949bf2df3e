import { expect } from 'chai';
import pg from 'pg';
import { complete } from '../../support/arbitrary-activity.js';
import { expectedRows } from '../../support/oracle.js';
import { until } from '../../support/poll.js';
import {
  batchOf,
  batchOfActivities,
  createProjector,
  openDatabase,
  quarantined,
  storedRows,
  type TestDatabase,
} from '../../support/projection.js';

const activities = [1, 2, 3].map((contactId) => complete({ contactId, status: 'CLICKED', email: 'a@example.com' }));

describe('Transactions that are in each other’s way', function () {
  this.timeout(60_000);
  let test: TestDatabase;
  beforeEach(async () => {
    test = await openDatabase();
  });
  afterEach(() => test.drop());

  /** For connections made from now on. */
  const setDefault = async (setting: string) => {
    await test.database.query(`alter database ${new URL(test.url).pathname.slice(1)} set ${setting}`);
  };

  it('a batch that was the victim of a deadlock is applied again, and nothing is quarantined', async () => {
    await setDefault(`deadlock_timeout = '100ms'`);
    const { projector, captured } = createProjector(await test.another());
    await projector.project([batchOfActivities('main', activities)]);

    const connected = async () => {
      const client = new pg.Client({ connectionString: test.url });
      await client.connect();
      await client.query(`set deadlock_timeout = '60s'`); // it is the projector that notices
      await client.query('begin');
      const lock = (contactId: number) =>
        client.query('select from vidhuk.contact_status where contact_id = $1 for update', [contactId]);
      const end = async () => {
        await client.query('commit');
        await client.end();
      };
      return { lock, end };
    };
    const waiting = (count: number) =>
      until(`${count} wait for a lock`, async () => {
        const rows: unknown[] = await test.database.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return rows.length === count;
      });
    const [first, other] = [await connected(), await connected()];
    await first.lock(2);
    await other.lock(3);
    const later = activities.map((activity) => complete({ ...activity, occurredAt: activity.occurredAt + 1_000 }));
    const projected = projector.project([batchOfActivities('main', later)]);
    await waiting(1); // the projector, which has 1, for 2
    const locked = other.lock(1);
    await waiting(2);
    await first.end(); // now it waits for 3, and closes the circle
    await locked;
    await other.end();

    expect(await projected).to.deep.equal([{ new: 3, duplicate: 0, rejected: 0 }]);
    expect(captured.text()).to.include('deadlock detected');
    expect(await quarantined(test.database)).to.deep.equal([]);
    expect(await storedRows(test.database, 'main')).to.deep.equal(expectedRows([...activities, ...later]));
  });

  it('serialization failures are waited out', async () => {
    await setDefault(`default_transaction_isolation = 'repeatable read'`);
    const workers = [createProjector(await test.another()), createProjector(await test.another())];
    const batches = Array.from({ length: 30 }, (_, step) =>
      activities.map((activity) => complete({ ...activity, occurredAt: activity.occurredAt + step * 1_000 })),
    );
    await Promise.all(
      workers.map(async ({ projector }) => {
        for (const batch of batches) await projector.project([batchOfActivities('main', batch)]);
      }),
    );
    expect(workers.map(({ captured }) => captured.text()).join()).to.include('could not serialize access');
    expect(await quarantined(test.database)).to.deep.equal([]);
    expect(await storedRows(test.database, 'main')).to.deep.equal(expectedRows(batches.flat()));
  });

  it('the same batches in another order wait for each other instead of deadlocking', async () => {
    await setDefault(`deadlock_timeout = '5ms'`);
    const workers = [createProjector(await test.another()), createProjector(await test.another())];
    for (let round = 0; round < 30; round++) {
      const batches = [1, 2, 3, 4, 5, 6].map(() => batchOf('[7,8]'));
      const orders = [batches, batches.toReversed()];
      await Promise.all(workers.map(({ projector }, index) => projector.project(orders[index] ?? [])));
    }
    for (const { captured } of workers) expect(captured.text()).not.to.include('each other');
    expect((await quarantined(test.database)).length).to.equal(30 * 6 * 2);
  });
});
