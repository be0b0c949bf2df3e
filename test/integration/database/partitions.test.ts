import { expect } from 'chai';
import pg from 'pg';
import { emptyDefaultPartitions, ensurePartitionsAhead, PartitionsOnDemand } from '../../../packages/worker/src/db/partitions.js';
import { complete } from '../../support/arbitrary-activity.js';
import { until } from '../../support/poll.js';
import { batchOfActivities, createProjector, openDatabase, type TestDatabase } from '../../support/projection.js';

const month = (date: Date): string => date.toISOString().slice(0, 7).replace('-', '_');
const monthsFrom = (now: Date, count: number): string[] =>
  Array.from({ length: count }, (_, ahead) => month(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead))));

/** What cannot be made now is made by the next hour. */
const later = () => undefined;

describe('Partitions', function () {
  this.timeout(60_000);
  let test: TestDatabase;
  beforeEach(async () => {
    test = await openDatabase();
  });
  afterEach(() => test.drop());

  const partitionsOf = async (table: string): Promise<string[]> => {
    const rows: { name: string }[] = await test.database.query(
      `select relname as name from pg_inherits join pg_class on oid = inhrelid where inhparent = $1::regclass order by 1`,
      [`vidhuk.${table}`],
    );
    return rows.map(({ name }) => name);
  };
  const homeOf = async (activityKey: string): Promise<string | undefined> => {
    const rows: { home: string }[] = await test.database.query(
      'select relname as home from vidhuk.activity a join pg_class c on c.oid = a.tableoid where activity_key = $1',
      [activityKey],
    );
    return rows[0]?.home;
  };
  const project = async (occurredAt: number): Promise<string | undefined> => {
    const activity = complete({ occurredAt });
    await createProjector(test.database).projector.project([batchOfActivities('main', [activity])]);
    return homeOf(activity.key);
  };

  it('are there for this month and two more, and a default one', async () => {
    // Migrated since this process began, and the month may have turned since.
    const months = [new Date(performance.timeOrigin), new Date()].map((now) => monthsFrom(now, 3));
    for (const table of ['activity', 'batch', 'workflow_request']) {
      const either = months.map((names) => [...names.map((name) => `${table}_${name}`), `${table}_default`]);
      expect(either).to.deep.include(await partitionsOf(table));
    }
  });

  it('are made ahead over the turn of a year', async () => {
    await ensurePartitionsAhead(test.database, new Date('2031-12-31T23:59:59Z'), later);
    expect(await partitionsOf('activity')).to.include.members(['activity_2031_12', 'activity_2032_01', 'activity_2032_02']);
  });

  it('are made for an old month when its first activity comes, whole to the millisecond', async () => {
    expect(await project(Date.UTC(2019, 1, 1))).to.equal('activity_2019_02');
    expect(await project(Date.UTC(2019, 2, 1) - 1)).to.equal('activity_2019_02');
    expect(await project(Date.UTC(2019, 2, 1))).to.equal('activity_2019_03');
  });

  it('keep no batch waiting for a reader: its rows lie in the default partition until maintenance moves them', async () => {
    const reader = new pg.Client({ connectionString: test.url });
    await reader.connect();
    await reader.query('begin');
    await reader.query('select count(*) from vidhuk.activity_default');
    const began = performance.now();
    const activity = complete({ occurredAt: Date.UTC(2018, 5, 5) });
    await createProjector(test.database).projector.project([batchOfActivities('main', [activity])]);
    expect(performance.now() - began).to.be.lessThan(5_000);
    expect(await homeOf(activity.key)).to.equal('activity_default');
    await reader.query('commit');
    await reader.end();
    await emptyDefaultPartitions(test.database, new Date(), later);
    expect(await homeOf(activity.key)).to.equal('activity_2018_06');
  });

  it('that a role may not make stop no batch either', async () => {
    await test.database.query('create role of_tests_of_partitions login');
    await test.database.query('grant usage on schema vidhuk to of_tests_of_partitions');
    await test.database.query('grant select, insert, update on all tables in schema vidhuk to of_tests_of_partitions');
    const worker = await test.another();
    try {
      const { master } = worker.driver as unknown as { master: pg.Pool };
      master.on('acquire', (client) => void client.query('set role of_tests_of_partitions'));
      const activity = complete({ occurredAt: Date.UTC(2018, 5, 5) });
      await createProjector(worker).projector.project([batchOfActivities('main', [activity])]);
      expect(await homeOf(activity.key)).to.equal('activity_default');
    } finally {
      await test.database.query('drop owned by of_tests_of_partitions');
      await test.database.query('drop role of_tests_of_partitions');
    }
  });

  it('are made for batches that were received in an old month', async () => {
    const batch = { ...batchOfActivities('main', [complete({})]), receivedAt: new Date('2019-05-31T23:59:59Z') };
    await createProjector(test.database).projector.project([batch]);
    const rows: unknown = await test.database.query('select tableoid::regclass::text as home from vidhuk.batch');
    expect(rows).to.deep.equal([{ home: 'vidhuk.batch_2019_05' }]);
  });

  it('are not made for what claims to be of another age: that goes to the default one', async () => {
    expect(await project(Date.UTC(2011, 11, 31, 23, 59, 59))).to.equal('activity_default');
    expect(await project(Date.UTC(1970, 0, 1))).to.equal('activity_default');
    expect(await project(Date.UTC(9999, 11, 31))).to.equal('activity_default');
    expect((await partitionsOf('activity')).length).to.equal(4);
  });

  it('take over the rows of their month that wait in the default one', async () => {
    const inTwoYears = new Date(Date.UTC(new Date().getUTCFullYear() + 2, 5, 15));
    const activity = complete({ occurredAt: inTwoYears.getTime() });
    const batch = batchOfActivities('main', [activity]);
    const { projector } = createProjector(test.database);
    await projector.project([batch]);
    expect(await homeOf(activity.key)).to.equal('activity_default');
    await ensurePartitionsAhead(test.database, inTwoYears, later);
    expect(await homeOf(activity.key)).to.equal(`activity_${month(inTwoYears)}`);
    expect(await projector.project([batch])).to.deep.equal([{ new: 0, duplicate: 1, rejected: 0 }]);
  });

  it('are made by many at once', async () => {
    const pools = [test.database, await test.another(), await test.another()];
    const times = Array.from({ length: 12 }, (_, index) => Date.UTC(2018, index, 10));
    await Promise.all(pools.flatMap((pool) => [0, 1, 2].map(() => new PartitionsOnDemand(pool).ensure('activity', times))));
    expect((await partitionsOf('activity')).filter((name) => name.startsWith('activity_2018')).length).to.equal(12);
  });

  it('are made while others write into the default one: no row is lost and nobody fails', async () => {
    const year = new Date().getUTCFullYear() + 3;
    const months = Array.from({ length: 12 }, (_, index) => index);
    let making = true;
    const written: string[] = [];
    const write = async (worker: number) => {
      const { projector } = createProjector(await test.another());
      for (let n = 0; making || n < 12; n++) {
        const activity = complete({
          occurredAt: Date.UTC(year, n % 12, 10, worker, 0, n % 60),
          contactId: worker,
          iid: `${worker} ${n}`,
        });
        await projector.project([batchOfActivities('main', [activity])]);
        written.push(activity.key);
      }
    };
    const make = async () => {
      for (const index of months) await ensurePartitionsAhead(await test.another(), new Date(Date.UTC(year, index)), later);
      making = false;
    };
    await Promise.all([make(), write(1), write(2), write(3)]);
    const rows: { home: string; key: string; month: number }[] = await test.database.query(`
      select relname as home, activity_key as key, extract(month from occurred_at at time zone 'UTC')::int as month
      from vidhuk.activity a join pg_class c on c.oid = a.tableoid`);
    expect(rows.map(({ key }) => key)).to.have.members(written);
    for (const row of rows) expect(row.home).to.equal(`activity_${year}_${String(row.month).padStart(2, '0')}`);
  });

  it('wait for a writer that has not committed yet', async () => {
    const writer = new pg.Client({ connectionString: test.url });
    await writer.connect();
    await writer.query('begin');
    await writer.query(
      `insert into vidhuk.activity (occurred_at, activity_key, identity_version, batch_id, position, source, status, media_type)
       values ('2090-05-05', gen_random_uuid(), 2, gen_random_uuid(), 0, 'main', 'READ', 'email')`,
    );
    const made = ensurePartitionsAhead(test.database, new Date('2090-05-01'), later);
    await until('it waits for the writer', async () => {
      const { rows } = await writer.query<{ waits: boolean }>(
        `select exists (select from pg_stat_activity where pg_backend_pid() = any (pg_blocking_pids(pid))) as waits`,
      );
      return rows[0]?.waits;
    });
    await writer.query('commit');
    await writer.end();
    await made;
    const rows: unknown = await test.database.query(`select tableoid::regclass::text as home from vidhuk.activity`);
    expect(rows).to.deep.equal([{ home: 'vidhuk.activity_2090_05' }]);
  });
});
