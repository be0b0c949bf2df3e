/** Workers do a rebuild, by both queues; other sources stay as they are, and what is sound now leaves the quarantine. */
import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lifecycle, openQueueStore, type QueueStore } from '../../../packages/shared/src/index.js';
import { createDataSource } from '../../../packages/worker/src/db/data-source.js';
import { PartitionsOnDemand } from '../../../packages/worker/src/db/partitions.js';
import { inTransaction } from '../../../packages/worker/src/db/transaction.js';
import { untilDone } from '../../../packages/worker/src/history/rebuild/coordinate.js';
import { openSlices } from '../../../packages/worker/src/history/rebuild/open-slices.js';
import { sliceQueueName, type SliceJob } from '../../../packages/worker/src/history/rebuild/slice-queue.js';
import { makeSecondTables } from '../../../packages/worker/src/history/rebuild/sql/make-second-tables.js';
import { beginRun } from '../../../packages/worker/src/history/rebuild/sql/runs.js';
import { planSlices } from '../../../packages/worker/src/history/rebuild/sql/slices.js';
import { Projector } from '../../../packages/worker/src/projection/projector.js';
import { rulesVersion } from '../../../packages/worker/src/projection/rules.js';
import { settleRules } from '../../../packages/worker/src/projection/settle-rules.js';
import { Tombstones } from '../../../packages/worker/src/projection/tombstones.js';
import { silentLog } from '../../support/log-lines.js';
import { batchOf, type Database } from '../../support/projection.js';
import { runCli } from '../../support/run-cli.js';
import { openStores, storeKinds, type Stores } from '../../support/stores.js';

const statuses = ['DELIVERED', 'READ', 'UNSUBSCRIBED', 'CLICKED', 'UNDELIVERED'];
const element = (nth: number) => ({
  activityDateTime: new Date(Date.UTC(2026, 9, 20, 10, nth)).toISOString().slice(0, 19),
  activityStatus: statuses[nth % 5],
  mediaType: nth % 3 === 0 ? 'viber' : 'email',
  contactId: (nth % 50) + 1,
  email: `c${nth % 7}@example.com`,
  iid: `iid-${nth}`,
  hardBounce: nth % 2 === 0,
});

/** Rows of either side that the other has not just so. */
const differing = async (database: Database, table: string, leftOut: readonly string[]): Promise<unknown[]> => {
  const rows = (schema: string) => `select to_jsonb(t) - $1::text[] from ${schema}.${table} t`;
  return database.query(
    `(${rows('vidhuk')} except ${rows('vidhuk_rebuild')}) union all (${rows('vidhuk_rebuild')} except ${rows('vidhuk')})`,
    [leftOut],
  );
};

for (const kind of storeKinds)
  describe(`A rebuild by workers, its slices in a queue on ${kind}`, function () {
    this.timeout(120_000);
    let stores: Stores;
    let database: Database;
    let store: QueueStore;
    let folder: string;
    const lifecycles = [new Lifecycle(), new Lifecycle()];
    const contexts = { main: { timeZone: 'UTC', maxAhead: '1d' }, other: { timeZone: 'UTC', maxAhead: '1d' } };
    const variables = () => ({
      DATABASE_URL: stores.databaseUrl,
      QUEUE_URL: stores.queueUrl,
      VIDHUK_CONFIG: join(folder, 'vidhuk.yaml'),
    });
    const run = (...args: string[]) => runCli(variables(), 'rebuild', ...args);
    const configure = (maxAhead: string) =>
      writeFile(
        join(folder, 'vidhuk.yaml'),
        `sources:\n  main: { tokens: [token-of-tests], maxAhead: ${maxAhead} }\n  other: { tokens: [token-of-others] }\n`,
      );

    before(async () => {
      stores = await openStores(kind);
      folder = await mkdtemp(join(tmpdir(), 'vidhuk-rebuild-'));
      await configure('1d');
      database = createDataSource(stores.databaseUrl, { name: 'vidhuk test', poolSize: 8, log: silentLog() });
      await database.initialize();
      store = await openQueueStore(stores.queueUrl, () => undefined);
      const projector = new Projector(database, new PartitionsOnDemand(database), silentLog());
      for (let nth = 0; nth < 20; nth++)
        await projector.project([
          batchOf(Array.from({ length: 500 }, (_, index) => element(nth * 400 + index))), // of which 100 came before
          batchOf([element(nth)], { source: 'other' }),
        ]);
      const ahead = { ...element(1), activityDateTime: new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 19) };
      const future = batchOf([ahead, { ...element(2), iid: 'beside' }]);
      await projector.project([{ ...future, activities: future.activities.slice(1), rejections: [rejected(ahead)] }]);
      for (const lifecycle of lifecycles) {
        const parts = { store, databaseUrl: stores.databaseUrl, dataSource: database, tombstones: new Tombstones() };
        await openSlices(parts, { log: silentLog(), lifecycle, stop: () => undefined });
      }
    });
    after(async () => {
      for (const lifecycle of lifecycles) await lifecycle.close(silentLog(), 10_000);
      await store.close();
      await database.destroy();
      await stores.drop();
      await rm(folder, { recursive: true });
    });

    it('needs nobody else for its slices, and gives the very rows that the feed gave', async () => {
      await makeSecondTables(database);
      const id = await inTransaction(database, async (client) => {
        const begun = await beginRun(client, { check: true, source: null, contexts, optIn: {}, rulesVersion });
        await planSlices(client, begun);
        return begun.id;
      });
      const queue = await store.openQueue<SliceJob>(sliceQueueName);
      const { signal } = new AbortController();
      let slices = 0;
      const onProgress = (progress: { slices: number }) => (slices = progress.slices);
      await untilDone(['bodies', 'log'], { dataSource: database, queue, id, signal, onProgress });
      await queue.close();
      expect(slices).to.be.greaterThan(3);
      expect(await differing(database, 'activity', ['batch_id', 'position'])).to.deep.equal([]);
      expect(await differing(database, 'contact_status', ['updated_at'])).to.deep.equal([]);
      expect(await differing(database, 'contact_channel_status', ['updated_at'])).to.deep.equal([]);
      const counted = 'select count(*)::integer as count from vidhuk_rebuild.activity';
      expect(await database.query(counted)).to.deep.equal(await database.query(counted.replace('vidhuk_rebuild', 'vidhuk')));
    });

    it('makes one source again in another time zone, says what the configuration has to say then, and leaves others alone', async () => {
      expect((await run('--cancel')).code).to.equal(0);
      expect((await run('--yes', '--time-zone', 'Europe/Kyiv')).stderr).to.include('--time-zone needs --source');
      const read = (source: string) =>
        database.query<{ at: Date; key: string }[]>(
          'select occurred_at as at, activity_key as key from vidhuk.activity where source = $1 order by activity_key',
          [source],
        );
      const others = () =>
        database.query<unknown[]>(`select * from vidhuk.contact_status where source = 'other' order by contact_id`);
      const [main, other, contacts] = [await read('main'), await read('other'), await others()];
      const { code, stdout } = await run('--yes', '--source', 'main', '--time-zone', 'Europe/Kyiv');
      expect([code, stdout]).to.satisfy(
        ([code, text]: [number, string]) => code === 0 && text.includes('"timeZone: Europe/Kyiv" for the source main'),
      );
      const hours = (await read('main')).map(({ at, key }, nth) => [key === main[nth]?.key, Number(main[nth]?.at) - Number(at)]);
      expect(new Set(hours.map(String))).to.deep.equal(new Set(['true,10800000', 'true,7200000'])); // before and after the end of summer time
      expect(await read('other')).to.deep.equal(other);
      expect(await others()).to.deep.equal(contacts);
    });

    it('is due once rules are newer, and takes out of the quarantine what is sound now', async () => {
      await configure('30d');
      await database.query('update vidhuk.projection set rules_version = 0');
      expect(await settleRules(database)).to.deep.equal({ ours: rulesVersion, projected: 0 }); // and then a worker warns at its start
      const doctor = await runCli(variables(), 'doctor');
      expect(doctor.stdout).to.match(/the statuses were made by older rules[^]*"?vidhuk rebuild/);
      const { code, stdout } = await run('--yes');
      expect([code, stdout]).to.satisfy(([code, text]: [number, string]) => code === 0 && text.includes('1 broken element in'));
      expect(await database.query('select resolution from vidhuk.rejected_activity')).to.deep.equal([{ resolution: 'rebuilt' }]);
      expect(await database.query('select rules_version from vidhuk.projection')).to.deep.equal([
        { rules_version: rulesVersion },
      ]);
      expect((await run('--check')).code).to.equal(0);
    });
  });

const rejected = (raw: object) => ({
  ...{ position: 0, reason: 'bad-date' as const, detail: 'activityDateTime: lies in the future', contactId: 2, movesFlag: false },
  raw: JSON.stringify(raw),
});
