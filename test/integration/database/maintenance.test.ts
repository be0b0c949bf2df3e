import { expect } from 'chai';
import { startMaintenance } from '../../../packages/worker/src/db/maintenance.js';
import { captureLog, silentLog } from '../../support/log-lines.js';
import { until } from '../../support/poll.js';
import { openDatabase, type TestDatabase } from '../../support/projection.js';

describe('Maintenance', function () {
  this.timeout(60_000);
  let test: TestDatabase;
  let timer: NodeJS.Timeout | undefined;
  beforeEach(async () => {
    test = await openDatabase();
  });
  afterEach(async () => {
    clearInterval(timer);
    await test.drop();
  });

  it('gathers the statistics of the partitioned parents, which autovacuum never does', async () => {
    const statistics = async () => {
      const rows: { table: string }[] = await test.database.query(
        `select relname as table from pg_class where oid in ('vidhuk.activity'::regclass, 'vidhuk.batch'::regclass) and reltuples >= 0 order by 1`,
      );
      return rows.map(({ table }) => table);
    };
    expect(await statistics()).to.deep.equal([]);
    timer = startMaintenance(test.database, silentLog());
    await until('both are analysed', async () => (await statistics()).join() === 'activity,batch');
  });

  it('says why it failed, and ends nothing', async () => {
    await test.database.query('alter table vidhuk.batch rename to batch_away');
    const { log, lines } = captureLog();
    timer = startMaintenance(test.database, log);
    await until('it has failed', () => lines().some(({ msg }) => String(msg).includes('the next hour tries again')));
  });
});
