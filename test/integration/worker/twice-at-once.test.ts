import { expect } from 'chai';
import { Registry } from 'prom-client';
import { ByteBudget, type BatchJob } from '../../../packages/shared/src/index.js';
import { GroupCommit } from '../../../packages/worker/src/db/group-commit.js';
import { IntakeMetrics } from '../../../packages/worker/src/intake/intake-metrics.js';
import { createBatchWork } from '../../../packages/worker/src/intake/process-batch.js';
import type { Batch } from '../../../packages/worker/src/projection/batch.js';
import { jobOf } from '../../support/batch-queue.js';
import { silentLog } from '../../support/log-lines.js';
import { expectedRows } from '../../support/oracle.js';
import {
  batchOf,
  createProjector,
  loggedKeys,
  openDatabase,
  quarantined,
  storedRows,
  type Database,
  type TestDatabase,
} from '../../support/projection.js';

describe('A job that is executed twice at the same time', () => {
  let test: TestDatabase;
  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());

  const workOf = (database: Database) => {
    const { projector } = createProjector(database);
    const groups = new GroupCommit((batches: readonly Batch[]) => projector.project(batches), {
      sizeOf: () => 1,
      maxSize: 3,
      maxTransactions: 2,
    });
    return createBatchWork({
      submit: (batch) => groups.submit(batch),
      isApplied: (job) => projector.isApplied(job),
      budget: new ByteBudget(2 ** 20),
      maxAheadMs: () => Infinity,
      metrics: new IntakeMetrics(new Registry()),
      log: silentLog(),
      signal: new AbortController().signal,
    });
  };

  it('leaves the rows that one execution leaves, and one row per batch', async () => {
    const workers = [workOf(test.database), workOf(await test.another())];
    const bodies = Array.from({ length: 30 }, (_, n) => [
      { activityDateTime: `2024-03-01T08:00:${10 + n}`, activityStatus: 'DELIVERED', contactId: n % 4, mediaType: 'email' },
      {
        activityDateTime: '2024-03-01T08:00:00',
        activityStatus: 'CLICKED',
        contactId: n % 3,
        email: `${n}@example.com`,
        iid: 'i',
      },
      n,
    ]);
    const jobs = await Promise.all(bodies.map(jobOf));
    await Promise.all(workers.flatMap((work, index) => (index === 0 ? jobs : jobs.toReversed()).map(work)));

    const activities = bodies.flatMap((body) => batchOf(body).activities);
    expect(await storedRows(test.database, 'main')).to.deep.equal(expectedRows(activities));
    expect(await loggedKeys(test.database, 'main')).to.deep.equal([...new Set(activities.map(({ key }) => key))].sort());
    expect((await quarantined(test.database)).length).to.equal(jobs.length);
    const [sums]: { batches: string; total: string; news: string }[] = await test.database.query(
      `select count(*) as batches, sum(total) as total, sum("new") as news from vidhuk.batch`,
    );
    const logged = await loggedKeys(test.database, 'main');
    const { projector } = createProjector(test.database);
    const [first] = jobs as [BatchJob, ...BatchJob[]];
    expect(await projector.isApplied(first)).to.equal(true);
    expect(await projector.isApplied({ ...first, id: '01900000-0000-7000-8000-000000000000' })).to.equal(false);
    expect(sums).to.deep.equal({ batches: String(jobs.length), total: String(3 * jobs.length), news: String(logged.length) });
  });
});
