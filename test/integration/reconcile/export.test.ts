import { expect } from 'chai';
import { openPooler } from '../../support/pooler.js';
import { createExport, type ExportOfPlatform } from '../../support/platform/export.js';
import { isTold, makeTruth, type TrueActivity } from '../../support/platform/truth.js';
import { rejection } from '../../support/poll.js';
import { found, openBench, type Bench } from '../../support/reconcile-bench.js';

const activity = (given: Partial<TrueActivity>): TrueActivity => ({
  ...{ activityDateTime: '2026-03-05T10:00:00', activityStatus: 'DELIVERED', mediaType: 'email', iid: 'i', contactId: 1 },
  ...given,
});

describe('The export of the platform', function () {
  this.timeout(60_000);
  let bench: Bench;
  let sources = 0;
  const exports: ExportOfPlatform[] = [];
  before(async () => {
    bench = await openBench();
  });
  afterEach(async () => {
    for (const each of exports.splice(0)) await each.drop();
  });
  after(() => bench.close());

  const start = async (...given: Parameters<typeof createExport>) => {
    const exported = await createExport(...given);
    exports.push(exported);
    return exported;
  };
  const source = () => `exported-${++sources}`;
  const period = { from: new Date('2026-03-05T00:00:00Z'), to: new Date('2026-03-06T00:00:00Z') };

  it('is read in pages of whole seconds, none of whose rows is left out or read twice', async () => {
    const truth = makeTruth({ seed: 41, activities: 500, days: 0.02, from: period.from });
    const { url } = await start(truth);
    const result = await bench.run(source(), await bench.export(url, 'UTC', 7), { period });
    const told = truth.filter(isTold).length;
    expect(found(result)).to.include({ theirs: told, added: told });
  });

  it('is read by the clock of the source, whether its times have a zone or not', async () => {
    const noon = [
      activity({ activityDateTime: '2026-03-05T00:30:00', iid: 'first' }),
      activity({ activityDateTime: '2026-03-05T23:30:00' }),
    ];
    const { url } = await start(noon);
    const inKyiv = await bench.run(source(), await bench.export(url, 'Europe/Kyiv'), { period, timeZone: 'Europe/Kyiv' });
    expect(found(inKyiv)).to.include({ theirs: 1, added: 1 });
    const older = await start(noon, 'older');
    const name = source();
    const asUtc = await bench.run(name, await bench.export(older.url, 'Europe/Kyiv'), { period, timeZone: 'Europe/Kyiv' });
    expect(found(asUtc)).to.include({ theirs: 2, added: 2 });
    expect((await bench.log(name)).map(({ occurred_at: time }) => (time as Date).toISOString())).to.deep.equal([
      '2026-03-05T00:30:00.000Z',
      '2026-03-05T23:30:00.000Z',
    ]);
  });

  for (const behaviour of ['leavesOut', 'refuses'] as const)
    it(`is read through a pooler that ${behaviour === 'refuses' ? 'refuses' : 'leaves out'} what a connection asks for at its start`, async () => {
      const { url } = await start([activity({})]);
      const pooler = await openPooler(url, behaviour);
      try {
        const result = await bench.run(source(), await bench.export(pooler.url), { period });
        expect(result.run).to.include({ state: 'complete', problem: null });
        expect(found(result)).to.include({ theirs: 1, added: 1 });
      } finally {
        await bench.closeExports();
        await pooler.close();
      }
    });

  it('may have its times as texts', async () => {
    const exported = await start([activity({})]);
    await exported.query('alter table esputnik."contactActivities" alter "activityDateTime" type text');
    const result = await bench.run(source(), await bench.export(exported.url), { period });
    expect(found(result)).to.include({ theirs: 1, added: 1 });
  });

  it('is only read: whatever is tried, nothing can be written there', async () => {
    const exported = await start([activity({})]);
    const { openExportDatabase } = await import('../../../packages/worker/src/reconcile/export/export-database.js');
    const database = await openExportDatabase('main', { database: exported.url, schema: 'esputnik' });
    const error = await rejection(database.read((client) => client.query('delete from esputnik."contactActivities"')));
    await database.close();
    expect(error.message).to.include('read-only transaction');
  });

  it('says what is missing: the database, the schema, the columns', async () => {
    const exported = await start([activity({})]);
    await exported.query('alter table esputnik."contactActivities" drop column "activityStatus"');
    const { run } = await bench.run(source(), await bench.export(exported.url), { period });
    expect(run).to.include({ state: 'failed' });
    expect(run.problem).to.include('has no column for activityDateTime or activityStatus');
    const nowhere = await rejection(bench.export(exported.url.replace(/[^/]*$/, 'nowhere')));
    expect(nowhere.message).to.include('sources.main.export.database').and.to.include('nowhere');
  });

  it('says of contacts what they missed, by kind, and changes nothing', async () => {
    const exported = await start([]);
    await exported.query(`create table esputnik.contacts ("contactId" bigint, email varchar(50), "emailStatus" text, "lastSentDate" timestamp,
      "lastReceivedDate" timestamp, "lastViewedDate" date, "lastClickedDate" timestamp)`);
    await exported.query(`insert into esputnik.contacts ("contactId", "emailStatus", "lastReceivedDate", "lastViewedDate") values
      (1, 'active', '2026-03-05 12:00', '2026-03-05'), (2, 'unsubscribed', '2026-03-05 12:00', null), (3, null, '2026-02-01', '2026-02-01')`);
    const name = source();
    await bench.push(name, [
      activity({ activityDateTime: '2026-03-05T12:00:00', iid: 'a', contactId: 1 }),
      activity({ activityDateTime: '2026-03-01T12:00:00', iid: 'b', contactId: 2 }),
    ]);
    const before = await bench.projections(name);
    const { drift } = await bench.run(name, await bench.export(exported.url), { period });
    expect(drift.filter(({ kind }) => kind.startsWith('contact_'))).to.deep.equal([
      { day: '2026-03-05', status: '', kind: 'contact_delivered', count: 1 },
      { day: '2026-03-05', status: '', kind: 'contact_opened', count: 1 },
      { day: '2026-03-05', status: '', kind: 'contact_unsubscribed', count: 1 },
    ]);
    expect(await bench.projections(name)).to.deep.equal(before);
  });
});
