import { expect } from 'chai';
import pg from 'pg';
import { maintain, startMaintenance } from '../../../packages/worker/src/db/maintenance.js';
import { captureLog, silentLog } from '../../support/log-lines.js';
import { until } from '../../support/poll.js';
import { complete } from '../../support/arbitrary-activity.js';
import { batchOfActivities, createProjector, openDatabase, type TestDatabase } from '../../support/projection.js';

describe('Maintenance', function () {
  this.timeout(60_000);
  let test: TestDatabase;
  let end: () => void = () => undefined;
  beforeEach(async () => {
    test = await openDatabase();
  });
  afterEach(async () => {
    end();
    await test.drop();
  });

  const analysed = async () => {
    const rows: { table: string; rows: number }[] = await test.database.query(
      `select relname as table, reltuples::integer as rows from pg_class where oid in ('vidhuk.activity'::regclass, 'vidhuk.batch'::regclass) and reltuples >= 0 order by 1`,
    );
    return Object.fromEntries(rows.map(({ table, rows }) => [table, rows]));
  };
  let messages = 0;
  const project = (count: number) =>
    createProjector(test.database).projector.project([
      batchOfActivities(
        'main',
        Array.from({ length: count }, () => complete({ iid: `message ${++messages}` })),
      ),
    ]);

  it('gathers the statistics of the partitioned parents, which autovacuum never does, and again only once they have grown', async () => {
    expect(await analysed()).to.deep.equal({});
    await project(2);
    // The server hears of what was written a moment later.
    const done = async (expected: object) => {
      await maintain(test.database, silentLog());
      return JSON.stringify(await analysed()) === JSON.stringify(expected);
    };
    await until('both are analysed', () => done({ activity: 2, batch: 1 }));
    await project(3);
    await test.database.query('select pg_stat_force_next_flush()');
    await maintain(test.database, silentLog());
    expect(await analysed()).to.deep.equal({ activity: 2, batch: 1 });
    await project(1_300);
    await until('the log is analysed again', () => done({ activity: 1_305, batch: 1 }));
  });

  it('is done by one worker at a time', async () => {
    const other = new pg.Client({ connectionString: test.url });
    await other.connect();
    await other.query('select pg_advisory_lock(1667330661)');
    await project(2);
    await maintain(test.database, silentLog());
    expect(await analysed()).to.deep.equal({});
    await other.end();
  });

  it('says nothing of what the end of its process has cut off', async () => {
    await test.database.query('alter table vidhuk.batch_default rename to batch_away');
    const { log, lines } = captureLog();
    startMaintenance(test.database, log)();
    const fails = () => maintain(test.database, silentLog()).then(() => false, () => true); // prettier-ignore
    await until('that attempt is over, and another one is tried', fails);
    expect(lines()).to.deep.equal([]);
  });

  it('says why it failed, ends nothing, and is done again: partitions that are missing by then are made', async () => {
    await test.database.query('alter table vidhuk.batch_default rename to batch_away');
    const { log, lines } = captureLog();
    end = startMaintenance(test.database, log, 100);
    await until('it has failed', () => lines().some(({ msg }) => String(msg).includes('the next hour tries again')));
    const now = new Date();
    const next = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1)).toISOString().slice(0, 7).replace('-', '_');
    await test.database.query('alter table vidhuk.batch_away rename to batch_default');
    await test.database.query(`drop table vidhuk.activity_${next}`);
    await until('it is there again', async () => {
      const [row] = await test.database.query<{ found: boolean }[]>(
        `select to_regclass('vidhuk.activity_${next}') is not null as found`,
      );
      return row?.found;
    });
  });
});
