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
    // Our sessions read what is committed, where there are none; a trigger of somebody's own, or a server of another kind, may have them.
    for (const statement of [
      'create sequence public.tries',
      `create function public.refuse_first() returns trigger language plpgsql as $$ begin
         if nextval('public.tries') <= 2 then raise exception 'could not serialize access' using errcode = '40001'; end if;
         return null;
       end $$`,
      'create trigger refuse_first before insert on vidhuk.contact_status for each statement execute function public.refuse_first()',
    ])
      await test.database.query(statement);
    const { projector, captured } = createProjector(test.database);
    expect(await projector.project([batchOfActivities('main', activities)])).to.deep.equal([
      { new: activities.length, duplicate: 0, rejected: 0 },
    ]);
    expect(captured.text().split('could not serialize access')).to.have.length(3);
    expect(await quarantined(test.database)).to.deep.equal([]);
    expect(await storedRows(test.database, 'main')).to.deep.equal(expectedRows(activities));
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
