import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { startActivityApi, type ActivityApi } from '../../support/platform/activity-api.js';
import { createExport, type ExportOfPlatform } from '../../support/platform/export.js';
import { sourceOf } from '../../support/platform/source-of.js';
import { isTold, makeTruth } from '../../support/platform/truth.js';
import { openBatchQueue } from '../../support/batch-queue.js';
import { until } from '../../support/poll.js';
import { runCli, type CliResult } from '../../support/run-cli.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';
import { openStores, storeKinds, type Stores } from '../../support/stores.js';
import { startWorker, type TestWorker } from '../../support/worker.js';

const truth = makeTruth({ seed: 21, activities: 900, days: 1 });
const told = truth.filter(isTold);
const pushed = truth.filter((activity, nth) => !isTold(activity) || activity.iid === undefined || nth % 200 > 9);
const lost = truth.length - pushed.length;

interface Answer {
  run: { state: string; road: string; unread: unknown[] };
  totals: Record<string, number>;
  days: { day: string; status: string; counts: Record<string, number> }[];
  file?: { rows: number; faulty: number };
}

for (const kind of storeKinds) {
  describe(`vidhuk reconcile and import, with the queue on ${kind}`, function () {
    this.timeout(120_000);
    let stores: Stores;
    let worker: TestWorker;
    let api: ActivityApi;
    let exported: ExportOfPlatform;
    let client: pg.Client;
    let folder: string;
    let variables: Record<string, string>;
    const period = ['--source', 'main', '--from', '2026-03-01', '--to', '2026-03-20'];
    const dataOf = (result: CliResult) => result.json() as Answer;
    const count = async (sql: string) => Number((await client.query<{ count: string }>(`select count(*) ${sql}`)).rows[0]?.count);

    beforeEach(async () => {
      stores = await openStores(kind);
      worker = await startWorker(stores);
      api = await startActivityApi(truth);
      exported = await createExport(truth);
      folder = await makeTemporaryDirectory();
      await writeFile(join(folder, 'vidhuk.yaml'), `sources: { main: ${sourceOf({ api, exportUrl: exported.url })} }\n`);
      variables = { DATABASE_URL: stores.databaseUrl, QUEUE_URL: stores.queueUrl, VIDHUK_CONFIG: join(folder, 'vidhuk.yaml') };
      client = new pg.Client({ connectionString: stores.databaseUrl });
      await client.connect();
      const queue = await openBatchQueue(stores.queueUrl);
      await queue.add([pushed]);
      await queue.close();
      await until('the webhook is in the log', async () => (await count('from vidhuk.activity')) === pushed.length);
    });
    afterEach(async () => {
      await client.end();
      await Promise.all([api.close(), exported.drop(), worker.close()]);
      await stores.drop();
    });

    for (const road of ['pull', 'export'] as const)
      it(`brings back by ${road} what the webhook lost, as batches of that origin, and then finds nothing more`, async () => {
        const args = ['reconcile', ...period, '--from-road', road, '--json'];
        const first = await runCli(variables, ...args);
        expect([first.code, first.stderr]).to.deep.equal([0, '']);
        expect(dataOf(first).run).to.include({ state: 'complete', road });
        expect(dataOf(first).totals).to.include({ theirs: told.length, added: lost, missing: 0, only_ours: 0 });
        expect(await count('from vidhuk.activity')).to.equal(truth.length);
        expect(await count(`from vidhuk.batch where origin = '${road}' and "new" > 0`)).to.be.greaterThan(0);
        const second = await runCli(variables, ...args);
        expect(dataOf(second).totals).to.include({ theirs: told.length, ours: truth.length, added: 0 });
        expect(await count(`from vidhuk.reconcile_run where state = 'complete' and ended_at is not null`)).to.equal(2);
      });

    it('prints a table by day and status, and exits with 1 while something is missing', async () => {
      const dry = await runCli(variables, 'reconcile', ...period, '--dry-run');
      expect(dry.code).to.equal(1);
      expect(dry.stdout)
        .to.match(/day +status +theirs +ours +added +more known +missing +only ours/)
        .and.to.match(/2026-03-01 +DELIVERED/);
      expect(dry.stdout).to.include(`${lost} of ${told.length} activities are missing; without --dry-run they are added.`);
      expect(await count('from vidhuk.activity')).to.equal(pushed.length);
      const mended = await runCli(variables, 'reconcile', ...period);
      expect(mended.code).to.equal(0);
      expect(mended.stdout).to.include(`${lost} activities were missing and are in the log now.`);
    });

    it('exits with 1 and names what it could not read, of which it says nothing', async () => {
      await exported.query('begin');
      await exported.query('lock table esputnik."contactActivities" in access exclusive mode');
      const hours = [
        '--source',
        'main',
        '--from',
        '2026-03-01T00:00:00Z',
        '--to',
        '2026-03-01T02:00:00Z',
        '--from-road',
        'export',
      ];
      const unread = await runCli(variables, 'reconcile', ...hours);
      await exported.query('rollback');
      expect(unread.code).to.equal(1);
      expect(unread.stdout).to.include(
        'not read: 2026-03-01T00:00:00 to 2026-03-01T02:00:00: the export: canceling statement due to lock',
      );
      expect(unread.stdout).to.include('Not everything could be read: of the rest nothing is known.');
    });

    it('exits with 2 and one sentence for what somebody has to mend', async () => {
      api.answer({ status: 401, body: '{}' });
      const refused = await runCli(variables, 'reconcile', ...period);
      expect([refused.code, refused.stderr]).to.deep.equal([2, refused.stderr]);
      expect(refused.stderr).to.include('answered 401: the API key is wrong, or was switched off');
      await exported.query('drop schema esputnik cascade');
      const gone = await runCli(variables, 'reconcile', ...period, '--from-road', 'export', '--json');
      expect([gone.code, gone.failure().message]).to.deep.equal([2, gone.failure().message]);
      expect(gone.failure().message).to.include('the export has no table contactActivities');
      const wrong: [string[], string][] = [
        [['--source', 'nobody', '--from', '2d'], 'there is no source "nobody" in the configuration: it has main'],
        [['--source', 'main', '--from', '2026-03-02', '--to', '2026-03-01'], '--from must be before --to'],
        [['--source', 'main', '--from', '2d', '--from-road', 'file'], '--from-road file and --file belong together'],
      ];
      for (const [args, message] of wrong) expect((await runCli(variables, 'reconcile', ...args)).stderr).to.include(message);
    });

    it('imports a file, tells the lines that are none, and leaves out what is known', async () => {
      const file = join(folder, 'activities.ndjson');
      await writeFile(file, [...truth.map((each) => JSON.stringify(each)), 'nonsense', '{"activityStatus":"READ"}'].join('\n'));
      const first = await runCli(variables, 'import', '--source', 'main', file, '--json');
      expect(first.code).to.equal(1);
      expect(dataOf(first).totals).to.include({ theirs: truth.length, ours: pushed.length, added: lost, missing: 0 });
      expect(dataOf(first).file).to.deep.include({ rows: truth.length + 2, faulty: 1 });
      expect(await count('from vidhuk.activity')).to.equal(truth.length);
      await until('what is broken is quarantined', async () => (await count('from vidhuk.rejected_activity')) === 1);
      const again = await runCli(variables, 'import', '--source', 'main', file);
      expect(again.stdout).to.include('line 901: is no JSON').and.to.include('1 element not sound: see "');
      expect(await count('from vidhuk.rejected_activity')).to.equal(1);
    });

    it('compares a file with a period, and shows how it takes its fields', async () => {
      const file = join(folder, 'activities.csv');
      const head = ['activityDateTime', 'activityStatus', 'iid', 'contactId', 'mediaType', 'clickEventLink'];
      const cell = (value: unknown) =>
        JSON.stringify(typeof value === 'number' ? String(value) : (value ?? '')).replaceAll('\\"', '""');
      const rows = told.filter(({ iid }) => iid !== undefined).map((each) => head.map((name) => cell(each[name])).join(','));
      await writeFile(file, [head.join(','), ...rows].join('\n'));
      const shown = await runCli(variables, 'import', '--source', 'main', file, '--dry-run');
      expect(shown.code).to.equal(0);
      expect(shown.stdout)
        .to.match(/clickEventLink +clickEventLink/)
        .and.to.include('Nothing was imported.');
      const result = await runCli(variables, 'reconcile', ...period, '--from-road', 'file', '--file', file, '--json');
      expect(dataOf(result).totals).to.include({
        theirs: rows.length,
        added: lost,
        missing: 0,
        only_ours: told.length - rows.length,
      });
    });
  });
}
