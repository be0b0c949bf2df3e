/** The schema of the version before, kept as SQL and filled, is migrated while everybody works with it. */
import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { ClientBase } from 'pg';
import type { QueryRunner } from 'typeorm';
import { migrateQueueStore } from '../../../packages/shared/src/index.js';
import { createDataSource, migrations } from '../../../packages/worker/src/db/data-source.js';
import { backfill } from '../../../packages/worker/src/db/kit/backfill.js';
import { createIndexConcurrently } from '../../../packages/worker/src/db/kit/concurrent-index.js';
import { planMigrations } from '../../../packages/worker/src/db/kit/plan.js';
import type { PlannedMigration } from '../../../packages/worker/src/db/kit/planned-migration.js';
import { migrate } from '../../../packages/worker/src/db/migrate.js';
import { sqlState } from '../../../packages/worker/src/db/failure.js';
import { PartitionsOnDemand } from '../../../packages/worker/src/db/partitions.js';
import { Projector } from '../../../packages/worker/src/projection/projector.js';
import { createEmptyDatabase } from '../../support/empty-database.js';
import { silentLog } from '../../support/log-lines.js';
import { rejection } from '../../support/poll.js';
import { batchOf } from '../../support/projection.js';
import { runCli } from '../../support/run-cli.js';

/** What a later version may bring: a column, its values, an index on the log. */
class Later1700000009999 implements PlannedMigration {
  readonly name = 'Later1700000009999';
  readonly transaction = false;
  readonly steps = [
    { what: 'a column', table: 'contact_status', blocks: 'everybody', eachRow: 'nothing' },
    { what: 'its values', table: 'contact_status', blocks: 'nobody', eachRow: 'written' },
    { what: 'an index', table: 'activity', blocks: 'nobody', eachRow: 'indexed' },
  ] as const;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table vidhuk.contact_status add column if not exists loud boolean');
    await backfill(runner.dataSource, {
      ...{ name: 'loud', table: 'contact_status', key: { column: 'contact_id', type: 'bigint' } },
      set: 'loud = true',
    });
    const client = (await runner.connect()) as ClientBase;
    await createIndexConcurrently(client, { name: 'activity_iid', table: 'activity', definition: 'using btree (iid)' });
  }

  down = () => Promise.resolve();
}

/** What comes after that in nobody's program here. */
class Stuck1700000009998 extends Later1700000009999 {
  static failures = 1;
  override async up(runner: QueryRunner): Promise<void> {
    if (Stuck1700000009998.failures-- <= 0) return super.up(runner);
    await runner.query('alter table vidhuk.contact_status add column if not exists loud boolean');
    const work = { name: 'loud', table: 'contact_status', key: { column: 'contact_id', type: 'bigint' }, set: 'loud = true' };
    await backfill(runner.dataSource, work, () => {
      throw new Error('cut off');
    });
  }
}

const contacts = 3_000;
const fill = `
  select vidhuk.ensure_partition('activity', 'occurred_at', month::date) from generate_series('2026-08-01'::date, '2026-11-01', '1 month') as month;
  insert into vidhuk.contact_status (source, contact_id, email, email_at, first_activity_at, last_activity_at)
    select 'main', n, 'c' || n || '@example.com', now(), now(), now() from generate_series(1, ${contacts}) as n;
  insert into vidhuk.activity (occurred_at, activity_key, batch_id, contact_id, position, identity_version, source, status, media_type, iid)
    select '2026-08-01'::timestamptz + n * interval '5 minutes', gen_random_uuid(), gen_random_uuid(), n % ${contacts} + 1, 0, 1, 'main', 'READ', 'email', 'iid-' || n
    from generate_series(1, 30000) as n;
  analyze`;

describe('A database of the version before', function () {
  this.timeout(180_000);
  let empty: Awaited<ReturnType<typeof createEmptyDatabase>>;
  let client: pg.Client;
  const open = async (settings: { lockMs?: number } = {}) => {
    const dataSource = createDataSource(empty.url, { name: 'vidhuk test', poolSize: 3, log: silentLog(), ...settings });
    await dataSource.initialize();
    return dataSource;
  };
  before(async () => {
    empty = await createEmptyDatabase();
    client = new pg.Client({ connectionString: empty.url });
    await client.connect();
    await client.query(await readFile(new URL('frozen/0007.sql', import.meta.url), 'utf8'));
    await migrateQueueStore(empty.url);
    await client.query(fill);
  });
  after(async () => {
    await client.end();
    await empty.drop();
  });

  it('is told beforehand what its migrations will do, what they lock, and for how long', async () => {
    const { code, stdout } = await runCli({ DATABASE_URL: empty.url, QUEUE_URL: empty.url }, 'migrate', '--plan');
    expect(code).to.equal(1);
    expect(stdout).to.match(/To be applied: Rebuild1700000000008[^]*tables for rebuilds and backfills/);
    const doctor = await runCli({ DATABASE_URL: empty.url, QUEUE_URL: empty.url }, 'doctor');
    expect(doctor.stdout).to.match(/migrations +To be applied: Rebuild1700000000008/);
    const dataSource = await open();
    const { steps } = await planMigrations(dataSource, [...migrations, Later1700000009999]);
    await dataSource.destroy();
    const told = steps.filter(({ migration }) => migration.startsWith('Later'));
    expect(told.map(({ table, rows }) => [table, rows])).to.deep.equal([
      ['contact_status', contacts],
      ['contact_status', contacts],
      ['activity', 30_000],
    ]);
    expect(told.map(({ blocks }) => blocks)).to.deep.equal(['everybody', 'nobody', 'nobody']);
    for (const { seconds } of told) expect(seconds).to.be.within(0.1, 10);
  });

  it('is migrated, and what was cut off goes on where it was, while a worker writes and support reads: nobody waits for a lock for a second', async () => {
    const stop = new AbortController();
    const batches = await open({ lockMs: 1_000 });
    const projector = new Projector(batches, new PartitionsOnDemand(batches), silentLog());
    const waited: unknown[] = [];
    const support = new pg.Client({ connectionString: empty.url, options: '-c lock_timeout=1s' });
    await support.connect();
    const working = [
      // As a worker of this version does once its tables are there.
      repeat(stop.signal, waited, (nth) => projector.project([batchOf([element(nth)])]).catch(butForMissingTables)),
      repeat(stop.signal, waited, (nth) =>
        support.query('select * from vidhuk.contact_status left join vidhuk.activity using (contact_id) where contact_id = $1', [
          nth + 1,
        ]),
      ),
      repeat(stop.signal, waited, () => support.query('select count(*) from vidhuk.address_status')),
    ];
    expect((await rejection(migrate(empty.url, empty.url, [Stuck1700000009998]))).message).to.include('cut off');
    const { rows: half } = await client.query<{ done: string }>('select done from vidhuk.backfill');
    const applied = await migrate(empty.url, empty.url, [Stuck1700000009998]);
    await sleep(100);
    stop.abort();
    const done = await Promise.all(working);
    await support.end();
    await batches.destroy();
    expect(applied).to.deep.equal(['Later1700000009999']);
    expect(waited).to.deep.equal([]);
    for (const count of done) expect(count).to.be.greaterThan(0);
    expect(Number(half[0]?.done)).to.be.within(1, contacts - 1);
    const { rows } = await client.query(
      `select (select count(*)::integer from vidhuk.contact_status where contact_id <= ${contacts} and loud is null) as quiet,
         (select bool_and(indisvalid) from pg_index join pg_class on oid = indexrelid where relname like 'activity%iid') as valid,
         (select ended_at is not null from vidhuk.backfill) as ended`,
    );
    expect(rows).to.deep.equal([{ quiet: 0, valid: true, ended: true }]);
  });

  it('waits for whoever holds a lock for long, and keeps nobody else waiting meanwhile for more than its 3 s', async () => {
    const { rows } = await client.query<{ name: string }>(`delete from vidhuk.migration where name like 'Later%' returning name`);
    expect(rows).to.have.length(1);
    await client.query('begin');
    await client.query('select from vidhuk.contact_status limit 1');
    const migrated = migrate(empty.url, empty.url, [Later1700000009999]);
    await sleep(3_500);
    await client.query('commit');
    expect(await migrated).to.deep.equal(['Later1700000009999']);
  });

  it('of a newer version than the program is left alone, in one sentence', async () => {
    const told = 'the database is of a newer version than this program, which does not know Later1700000009999';
    expect((await rejection(migrate(empty.url, empty.url))).message).to.include(told);
    const { code, stderr } = await runCli({ DATABASE_URL: empty.url, QUEUE_URL: empty.url }, 'migrate');
    expect([code, stderr.trim().split('\n').length, stderr.includes(told)]).to.deep.equal([2, 1, true]);
  });
});

const element = (nth: number) => ({
  activityDateTime: new Date(Date.UTC(2026, 10, 1, 10, 0, nth)).toISOString().slice(0, 19),
  activityStatus: 'READ',
  mediaType: 'email',
  contactId: nth + 1,
  iid: `new-${nth}`,
});

/** undefined_table (PostgreSQL, appendix A). */
function butForMissingTables(error: unknown): void {
  if (sqlState(error) !== '42P01') throw error;
}

/** How often it was done; what it was refused with goes to `failures`. */
async function repeat(signal: AbortSignal, failures: unknown[], work: (nth: number) => Promise<unknown>): Promise<number> {
  for (let nth = 0; ; nth++) {
    if (signal.aborted) return nth;
    await work(nth).catch((error: unknown) => failures.push(error));
    await sleep(5);
  }
}
