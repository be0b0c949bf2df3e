import { expect } from 'chai';
import pg from 'pg';
import { inTransaction } from '../../../packages/worker/src/db/transaction.js';
import { lockContacts } from '../../../packages/worker/src/follow-up/sql/lock-contacts.js';
import { foldActivities } from '../../../packages/worker/src/projection/fold.js';
import { complete } from '../../support/arbitrary-activity.js';
import { until } from '../../support/poll.js';
import { batchOfActivities, createProjector, openDatabase, type TestDatabase } from '../../support/projection.js';

describe('a batch that may turn flags, beside one that does not', () => {
  let test: TestDatabase;
  beforeEach(async () => (test = await openDatabase()));
  afterEach(() => test.drop());

  it('locks known and new contacts in one order, so that neither waits for the other', async () => {
    const [known, fresh] = [complete({ contactId: 1 }), complete({ contactId: 2 })];
    await createProjector(test.database).projector.project([batchOfActivities('main', [known])]);
    const { contacts } = foldActivities([known, fresh]);
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
    const locked = inTransaction(test.database, (client) => lockContacts(client, contacts, () => true));
    locked.catch(() => undefined); // it is awaited below
    const watcher = new pg.Client({ connectionString: test.url });
    await watcher.connect();
    await until('it waits', async () => {
      const { rows } = await watcher.query('select from pg_locks where not granted');
      return rows.length > 0;
    });
    await upsert(2);
    await other.query('commit');
    const rows = await locked;
    expect(rows.map(({ contact_id }) => contact_id)).to.have.members(['1', '2']);
    await other.end();
    await watcher.end();
  });
});
