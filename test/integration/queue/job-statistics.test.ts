/** Statistics of what jobs hold are not kept, not even those that a queue of an earlier version has gathered. */
import { expect } from 'chai';
import { migrateQueueStore, openQueueStore } from '../../../packages/shared/src/index.js';
import { sqlState } from '../../../packages/worker/src/db/failure.js';
import { rejection } from '../../support/poll.js';
import { openDatabase, type TestDatabase } from '../../support/projection.js';

describe('A queue on PostgreSQL that was filled before its statistics were switched off', function () {
  this.timeout(60_000);
  let test: TestDatabase;
  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());

  it('knows nothing of what jobs held once it is migrated, and its rows stay where they are', async () => {
    const query = <Row>(sql: string) => test.database.query<Row[]>(sql);
    const known = () => query(`select from pg_statistic s where starelid = 'bullmq.job'::regclass and s::text like '%secret%'`);
    const file = () => query(`select pg_relation_filenode('bullmq.job') as file`);
    await query('alter table bullmq.job alter column data set statistics -1');
    const store = await openQueueStore(test.url, () => undefined);
    const queue = await store.openQueue<{ email: string }>('kept');
    const jobs = Array.from({ length: 50 }, (_, nth) => ({ name: 'j', data: { email: `secret${nth % 5}@example.com` } }));
    await queue.addBulk(jobs);
    await queue.close();
    await store.close();
    await query('analyze bullmq.job');
    expect(await known()).to.have.length(1);
    const before = await file();
    // Nobody waits for long behind a migration that waits for a reader: `vidhuk migrate` tries again.
    const reader = test.database.createQueryRunner();
    await reader.startTransaction();
    await reader.query('select from bullmq.job limit 1');
    expect(sqlState(await rejection(migrateQueueStore(test.url)))).to.equal('55P03');
    await reader.commitTransaction();
    await reader.release();
    await migrateQueueStore(test.url);
    expect(await known()).to.deep.equal([]);
    expect(await file()).to.deep.equal(before);
    await query('analyze bullmq.job');
    expect(await known()).to.deep.equal([]);
  });
});
