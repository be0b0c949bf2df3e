/** What happens while a rebuild is under way: it is cut off, cancelled, killed; people are erased, bodies go, readers do not let go of the tables. */
import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openQueueStore, type QueueStore } from '../../../packages/shared/src/index.js';
import { createDataSource } from '../../../packages/worker/src/db/data-source.js';
import { rebuildAll, type Rebuilt } from '../../../packages/worker/src/history/rebuild/rebuild-all.js';
import type { RebuildProgress } from '../../../packages/worker/src/history/rebuild/rebuild-progress.js';
import { redirect } from '../../../packages/worker/src/projection/second-tables.js';
import { announceErasing, endErasing } from '../../../packages/worker/src/projection/sql/tombstones.js';
import { Tombstones } from '../../../packages/worker/src/projection/tombstones.js';
import { Projector } from '../../../packages/worker/src/projection/projector.js';
import { PartitionsOnDemand } from '../../../packages/worker/src/db/partitions.js';
import { silentLog } from '../../support/log-lines.js';
import { rejection, until } from '../../support/poll.js';
import { batchOf, loggedKeys, openDatabase, storedRows, type Database, type TestDatabase } from '../../support/projection.js';
import { runCli } from '../../support/run-cli.js';

const key = 'a-key-of-tests-with-32-characters-or-more';
const ann = { contactId: 7, email: 'ann.erased@example.com' };

let clock = 0;
const activity = (contactId: number | undefined, activityStatus: string, more: object = {}) => ({
  activityDateTime: new Date(Date.UTC(2026, 10, 1, 10, ++clock)).toISOString().slice(0, 19),
  activityStatus,
  mediaType: 'email',
  ...(contactId === undefined ? {} : { contactId }),
  email: contactId === ann.contactId || contactId === undefined ? ann.email : `c${contactId}@example.com`,
  iid: `iid-${clock}`,
  ...more,
});

describe('A rebuild that does not run through', function () {
  this.timeout(180_000);
  let test: TestDatabase;
  let rebuilding: Database;
  let second: Database;
  let store: QueueStore;
  let projector: Projector;
  let folder: string;
  const tombstones = new Tombstones(key);
  const variables = () => ({
    DATABASE_URL: test.url,
    QUEUE_URL: test.url,
    ERASE_KEY: key,
    VIDHUK_CONFIG: join(folder, 'vidhuk.yaml'),
  });
  const run = (...args: string[]) => runCli(variables(), ...args);

  /** Cut off at the first progress for which `at` holds. */
  const rebuild = (at: (progress: RebuildProgress) => boolean = () => false, check = false): Promise<Rebuilt> => {
    const stopping = new AbortController();
    const parts = { dataSource: rebuilding, second, store, tombstones, log: silentLog(), signal: stopping.signal };
    const contexts = { main: { timeZone: 'UTC', maxAhead: '1d' } };
    const onProgress = (progress: RebuildProgress) => {
      if (at(progress)) stopping.abort(new Error('cut off'));
    };
    return rebuildAll({ ...parts, contexts }, { check, source: null, onProgress });
  };
  const cutOff = async (at: (progress: RebuildProgress) => boolean) =>
    expect((await rejection(rebuild(at))).message).to.equal('cut off');
  const atOnce = () => true;
  const onceBodiesAreDone = ({ what }: RebuildProgress) => what === 'log without bodies';

  before(async () => {
    test = await openDatabase();
    folder = await mkdtemp(join(tmpdir(), 'vidhuk-rebuild-'));
    await writeFile(join(folder, 'vidhuk.yaml'), 'sources:\n  main: { tokens: [token-of-tests] }\n');
    rebuilding = createDataSource(test.url, { name: 'vidhuk cli', poolSize: 8, log: silentLog() }); // as many as the command has
    await rebuilding.initialize();
    second = createDataSource(test.url, { name: 'vidhuk rebuild', poolSize: 3, log: silentLog(), prepare: redirect });
    await second.initialize();
    store = await openQueueStore(test.url, () => undefined);
    projector = new Projector(test.database, new PartitionsOnDemand(test.database), silentLog(), undefined, tombstones);
    const statuses = ['DELIVERED', 'READ', 'UNSUBSCRIBED', 'CLICKED'];
    for (let nth = 0; nth < 40; nth++)
      await projector.project([
        batchOf([
          activity((nth % 9) + 1, statuses[nth % 4]!),
          activity(nth % 2 === 0 ? ann.contactId : 3, 'UNDELIVERED', { hardBounce: true, statusDescription: `box ${nth}` }),
        ]),
      ]);
    await projector.project([
      batchOf([
        activity(undefined, 'READ', { clickEventLink: `https://example.com/?who=${ann.email}` }),
        { ...activity(ann.contactId, 'READ'), activityDateTime: 'yesterday' },
        activity(2, 'READ'),
      ]),
    ]);
  });
  after(async () => {
    await store.close();
    await Promise.all([rebuilding.destroy(), second.destroy()]);
    await test.drop();
    await rm(folder, { recursive: true });
  });

  it('goes on where it was, makes the very rows, and lets nobody begin another one meanwhile', async () => {
    const [rows, keys] = [await storedRows(test.database, 'main'), await loggedKeys(test.database, 'main')];
    await cutOff(onceBodiesAreDone);
    expect((await rejection(rebuild(undefined, true))).message).to.include('rebuild --cancel');
    await projector.project([batchOf([activity(4, 'READ')])]);
    expect((await rebuild()).resumed).to.equal(true);
    expect(await loggedKeys(test.database, 'main')).to.have.length(keys.length + 1);
    expect((await storedRows(test.database, 'main')).contacts).to.have.length(rows.contacts.length);
    expect((await rebuild(undefined, true)).differences).to.deep.equal([]);
  });

  it('is cancelled, also when it was cut off: the tables are as they were, and nothing is left behind', async () => {
    await cutOff(atOnce);
    expect((await run('rebuild', '--cancel')).stdout).to.include('as they were');
    expect(await test.database.query(`select nspname from pg_namespace where nspname like 'vidhuk\\_%'`)).to.deep.equal([]);
    expect((await run('rebuild', '--cancel')).code).to.equal(1);
  });

  it('loses nothing of bodies that go while it is under way, before and after their turn', async () => {
    const [rows, keys] = [await storedRows(test.database, 'main'), await loggedKeys(test.database, 'main')];
    const drop = (after: number) =>
      test.database.query(
        `update vidhuk.batch set body = null where id in (select id from vidhuk.batch where total = 2 order by id offset $1 limit 5)`,
        [after],
      );
    await cutOff(atOnce);
    await test.database.query('update vidhuk.rebuild_slice set done_at = null'); // as if none had had its turn
    await test.database.query(
      'truncate vidhuk_rebuild.activity, vidhuk_rebuild.contact_status, vidhuk_rebuild.contact_channel_status',
    );
    await drop(0);
    await cutOff(onceBodiesAreDone);
    await drop(5);
    await rebuild();
    expect(await storedRows(test.database, 'main')).to.deep.equal(rows);
    expect(await loggedKeys(test.database, 'main')).to.deep.equal(keys);
  });

  it('waits for whoever reads the tables, tells who that is, and lets batches go on between its attempts', async () => {
    const reader = new pg.Client({ connectionString: test.url, application_name: 'a patient reader' });
    await reader.connect();
    await reader.query('begin');
    await reader.query('select count(*) from vidhuk.contact_status');
    const holders = new Set<string>();
    const done = rebuild(({ holders: found = [] }) => {
      for (const holder of found) holders.add(holder.replace(/ \(.*/, ''));
      return false;
    });
    await until('it waits', () => holders.size > 0, { timeoutMs: 60_000 });
    await projector.project([batchOf([activity(1, 'CLICKED')])]);
    await reader.query('commit');
    await reader.end();
    await done;
    expect([...holders]).to.deep.equal(['a patient reader']);
    expect((await rebuild(undefined, true)).differences).to.deep.equal([]);
  });

  it('pauses nothing once it is killed in its last moments, and goes on', async () => {
    const reader = new pg.Client({ connectionString: test.url });
    await reader.connect();
    await reader.query('begin');
    await reader.query('select count(*) from vidhuk.contact_status');
    const killed = spawn(process.execPath, ['packages/cli/bin/vidhuk.mjs', 'rebuild', '--yes'], {
      env: { PATH: process.env.PATH, ...variables() },
      stdio: 'ignore',
    });
    await untilItHoldsBatches(test, killed);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    await projector.project([batchOf([activity(2, 'CLICKED')])]);
    await reader.query('commit');
    await reader.end();
    const { code, stdout } = await run('rebuild', '--yes');
    expect([code, stdout]).to.satisfy(([code, text]: [number, string]) => code === 0 && text.includes('had been cut off'));
    expect((await rebuild(undefined, true)).differences).to.deep.equal([]);
  });

  it('brings nobody back who is erased while it is under way', async () => {
    await cutOff(onceBodiesAreDone);
    const inSecond = await test.database.query<unknown[]>(`select from vidhuk_rebuild.contact_status where contact_id = 7`);
    expect(inSecond).to.have.length(1);
    await test.database.query('analyze vidhuk_rebuild.contact_status, vidhuk_rebuild.contact_channel_status');
    const inStatistics = () =>
      test.database.query<unknown[]>(
        `select from pg_stats where schemaname like 'vidhuk%' and concat(most_common_vals::text, histogram_bounds::text) like '%ann.erased%'`,
      );
    expect(await inStatistics()).not.to.deep.equal([]);
    expect((await run('erase', String(ann.contactId), '--source', 'main', '--yes')).code).to.equal(0);
    expect(await inStatistics()).to.deep.equal([]);
    await rebuild();
    for (const table of ['activity', 'contact_status', 'contact_channel_status', 'rejected_activity', 'batch'])
      expect(
        await test.database.query(
          `select t::text as found from vidhuk.${table} t where t::text like '%ann.erased%' or to_jsonb(t) ->> 'contact_id' = '7' or (to_jsonb(t) ->> 'body') like '%' || encode('ann.erased', 'hex') || '%'`,
        ),
        table,
      ).to.deep.equal([]);
    expect((await rebuild(undefined, true)).differences).to.deep.equal([]);
  });

  it('brings back no floor of whoever is being erased when it begins: it waits for that', async () => {
    await test.database.query(
      `insert into vidhuk.contact_floor (source, contact_id, first_activity_at, last_activity_at) values ('main', 4242, now(), now())`,
    );
    const erasing = new pg.Client({ connectionString: test.url });
    await erasing.connect();
    await announceErasing(erasing);
    const done = rebuild();
    await until('it has made its tables', async () => {
      const [made] = await test.database.query<{ there: boolean }[]>(
        `select to_regclass('vidhuk_rebuild.contact_status') is not null as there`,
      );
      return made?.there === true;
    });
    await erasing.query('delete from vidhuk.contact_floor where contact_id = 4242');
    await endErasing(erasing);
    await erasing.end();
    await done;
    expect(await test.database.query('select from vidhuk.contact_status where contact_id = 4242')).to.deep.equal([]);
  });

  it('ends, and begins anew, where the log begins elsewhere by now', async () => {
    await cutOff(onceBodiesAreDone);
    await test.database.query(`update vidhuk.horizon set log_from = '2026-01-01'`);
    expect((await rebuild()).resumed).to.equal(false);
    let moved: Promise<unknown> | undefined;
    const cut = await rejection(
      rebuild(({ what }) => {
        if (what === 'log without bodies') moved ??= test.database.query(`update vidhuk.horizon set log_from = '2026-02-01'`);
        return false;
      }),
    );
    await moved;
    expect(cut.message).to.include('begin again');
    expect((await rebuild()).resumed).to.equal(false);
    expect((await rebuild(undefined, true)).differences).to.deep.equal([]);
  });
});

/** The only one that holds the lock of batches alone. */
async function untilItHoldsBatches({ database }: TestDatabase, process: ChildProcess): Promise<void> {
  await until(
    'all batches wait',
    async () => {
      expect(process.exitCode).to.equal(null);
      const [found] = await database.query<{ holds: boolean }[]>(
        `select exists (select from pg_locks where locktype = 'advisory' and mode = 'ExclusiveLock' and granted and objsubid = 1
           and (classid::bigint << 32 | objid::bigint) = hashtextextended('vidhuk batches', 0)) as holds`,
      );
      return found?.holds === true;
    },
    { timeoutMs: 90_000 },
  );
}
