import { expect } from 'chai';
import pg from 'pg';
import { holdGiant } from '../../../packages/worker/src/projection/sql/one-giant.js';
import { until } from '../../support/poll.js';
import { batchOf, createProjector, openDatabase, type TestDatabase } from '../../support/projection.js';

const sent = { activityDateTime: '2024-03-01T08:00:00', activityStatus: 'READ', contactId: 1, mediaType: 'email' };

describe('a body of more than 8 MB', () => {
  let test: TestDatabase;
  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());

  it('waits for another one that some worker has in hand, while small ones go on; and no longer than that worker lives', async () => {
    const other = new pg.Client({ connectionString: test.url });
    other.on('error', () => undefined); // it is ended below
    await other.connect();
    await other.query('begin');
    await holdGiant(other);
    const { rows } = await other.query<{ pid: number }>('select pg_backend_pid() as pid');
    const { projector } = createProjector(test.database);
    const giant = projector.project([batchOf([{ ...sent, iid: 'giant', unknown: 'x'.repeat(9 * 2 ** 20) }])]);
    const waiting = async () =>
      (await test.database.query<object[]>(`select from pg_locks where locktype = 'advisory' and not granted`)).length === 1;
    await until('it waits', waiting);
    await projector.project([batchOf([{ ...sent, iid: 'small' }])]);
    expect(await test.database.query('select iid from vidhuk.activity')).to.deep.equal([{ iid: 'small' }]);
    await test.database.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    const [outcome] = await giant;
    expect(outcome).to.include({ new: 1, rejected: 0 });
    await other.end();
  });
});
