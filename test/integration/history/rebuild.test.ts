/** Log and projections made again from the bodies. */
import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBodies } from '../../../packages/worker/src/history/rebuild/sql/kept-bodies.js';
import { batchOf, createProjector, loggedKeys, openDatabase, storedRows, type TestDatabase } from '../../support/projection.js';
import { runCli } from '../../support/run-cli.js';

let clock = 0;
const activity = (contactId: number, activityStatus: string, more: object = {}) => ({
  activityDateTime: new Date(Date.UTC(2026, 10, 1, 10, ++clock)).toISOString().slice(0, 19),
  activityStatus,
  mediaType: 'email',
  contactId,
  email: `c${contactId}@example.com`,
  iid: `iid-${clock}`,
  ...more,
});

interface Answer {
  differences: { table: string; counts: Record<string, number>; examples: { key: object; columns: object }[] }[];
  elements: number;
  gone: number;
  pausedMs: number;
}

describe('vidhuk rebuild', function () {
  this.timeout(120_000);
  let test: TestDatabase;
  let folder: string;
  const run = (...args: string[]) =>
    runCli({ DATABASE_URL: test.url, QUEUE_URL: test.url, VIDHUK_CONFIG: join(folder, 'vidhuk.yaml') }, 'rebuild', ...args);
  const check = async (...args: string[]) => (await run('--check', '--json', ...args)).json() as Answer;
  const configure = (timeZone: string) =>
    writeFile(join(folder, 'vidhuk.yaml'), `sources:\n  main: { tokens: [token-of-tests], timeZone: ${timeZone} }\n`);

  before(async () => {
    test = await openDatabase();
    folder = await mkdtemp(join(tmpdir(), 'vidhuk-rebuild-'));
    await configure('UTC');
    const { projector } = createProjector(test.database);
    const statuses = ['DELIVERED', 'READ', 'UNSUBSCRIBED', 'SENT', 'CLICKED'];
    for (let nth = 0; nth < 130; nth++)
      await projector.project([
        batchOf([
          activity((nth % 30) + 1, statuses[nth % 5]!),
          activity((nth % 7) + 1, 'UNDELIVERED', { hardBounce: nth % 3 === 0, statusDescription: `5.1.${nth}` }),
          ...(nth % 10 === 0 ? [{ contactId: 5, activityStatus: 'READ' }] : []),
        ]),
      ]);
    await projector.project([batchOf([{ ...activity(3, 'SUBSCRIPTION_CHANGED'), subscriptions: ['news'] }])]);
  });
  after(async () => {
    await test.drop();
    await rm(folder, { recursive: true });
  });

  it('reads bodies byte for byte, whatever is in them', async () => {
    const bytes = [
      Buffer.from('[{"text":"Ганна é €"}]'),
      Buffer.from([0x5b, 0, 0xff, 0x80, 0xc3, 0x5d]),
      Buffer.from([0xff, 0x9f, 0x80]),
    ];
    const another = await openDatabase();
    const { projector } = createProjector(another.database);
    for (const body of bytes) await projector.project([batchOf(body)]);
    const range = { first: '00000000-0000-0000-0000-000000000000', last: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };
    const read = await readBodies(another.database, range, null);
    await another.drop();
    expect(read.map(({ body }) => body?.toString('hex'))).to.have.members(bytes.map((body) => body.toString('hex')));
  });

  it('finds no difference where nobody interfered, and leaves nothing behind', async () => {
    const { code, stdout } = await run('--check');
    expect(stdout).to.include('Log and statuses are what the bodies say.');
    expect(code).to.equal(0);
    expect(await leftOver(test)).to.deep.equal([]);
  });
  it('finds none where a repetition was in the log first, at another place of its batch', async () => {
    const twice = activity(2, 'READ');
    const first = batchOf([activity(1, 'READ'), twice], { id: '01900000-0000-7000-8000-000000000000' });
    const repetition = batchOf([twice, activity(3, 'READ')], { id: '01900000-0000-7000-8000-000000000001' });
    const { projector } = createProjector(test.database);
    for (const batch of [repetition, first]) await projector.project([batch]);
    expect((await check()).differences).to.deep.equal([]);
  });
  it('finds what a hand wrote into the tables, by kind and with examples, and changes nothing', async () => {
    await test.database.query(`update vidhuk.contact_channel_status set last_opened_at = now() where contact_id = 4`);
    await test.database.query(`delete from vidhuk.activity where contact_id = 9 and status = 'SENT'`);
    await test.database.query(
      `insert into vidhuk.contact_status (source, contact_id, first_activity_at, last_activity_at) values ('main', 99, now(), now())`,
    );
    const { code, stdout } = await run('--check');
    expect(code).to.equal(1);
    expect(stdout).to.match(/activity\n {2}\d+ rows? that the bodies say, and the table has not/);
    expect(stdout).to.match(/contact_status\n {2}1 row that the table has, and no body says\n.*contact_id 99/);
    expect(stdout).to.match(
      /contact_channel_status\n {2}1 row that the table has otherwise.*\n.*contact_id 4.*last_opened_at is/,
    );
    expect((await check()).differences).to.have.length(3);
  });
  it('makes the rows of one contact again, or tells what that would change', async () => {
    const only = await run('--contact', '4', '--check');
    expect([only.code, only.stdout]).to.satisfy(
      ([code, text]: [number, string]) => code === 1 && text.includes('email: last_opened_at is'),
    );
    expect((await run('--contact', '4')).stdout).to.include('email: last_opened_at was');
    expect((await run('--contact', '4', '--check')).code).to.equal(0);
    for (const contact of [1, 2, 5])
      expect((await run('--contact', String(contact), '--check')).stdout).to.include('are what its activities say');
  });
  it('makes all of it again, once somebody has said yes: the very rows that follow from the bodies, in tables that are just as they were', async () => {
    expect((await run()).code).to.equal(1);
    const before = await describeSchema(test);
    const { code, stdout } = await run('--yes');
    expect([code, stdout]).to.satisfy(([code, text]: [number, string]) => code === 0 && text.includes('were made again'));
    expect((await check()).differences).to.deep.equal([]);
    const after = await describeSchema(test);
    expect(after.filter((line) => !before.includes(line)).join('\n')).to.equal('');
    expect(after).to.have.length(before.length);
    expect(await leftOver(test)).to.deep.equal([]);
    expect(await test.database.query(`select command from vidhuk.act order by id desc limit 1`)).to.deep.equal([
      { command: 'rebuild' },
    ]);
  });
  it('is the way back from a wrong time zone', async () => {
    await configure('Europe/Kyiv');
    expect((await check()).differences.map(({ table }) => table)).to.deep.equal([
      'activity',
      'contact_status',
      'contact_channel_status',
    ]);
    expect((await run('--yes')).code).to.equal(0);
    expect((await check()).differences).to.deep.equal([]);
    const [row] = await test.database.query<{ first: Date }[]>(`select min(occurred_at) as first from vidhuk.activity`);
    expect(row?.first.toISOString()).to.equal('2026-11-01T08:01:00.000Z');
  });
  it('goes on while batches come in, and misses none of them', async () => {
    const { projector } = createProjector(test.database);
    const stop = new AbortController();
    const feed = (async () => {
      while (!stop.signal.aborted)
        await projector.project([batchOf([activity((clock % 40) + 1, 'READ')], { timeZone: 'Europe/Kyiv' })]);
    })();
    await test.database.query(`update vidhuk.contact_channel_status set last_opened_at = '2030-01-01' where contact_id = 4`);
    const rebuilt = (await run('--yes', '--json')).json() as Answer;
    stop.abort();
    await feed;
    expect(rebuilt.pausedMs).to.be.lessThan(5_000);
    expect((await check()).differences).to.deep.equal([]);
  });
  it('keeps what the log and the statuses have of batches whose bodies are gone', async () => {
    const before = await storedRows(test.database, 'main');
    const keys = await loggedKeys(test.database, 'main');
    await test.database.query(
      `update vidhuk.batch set body = null where id in (select id from vidhuk.batch where "new" > 0 order by id limit 40)`,
    );
    expect((await run('--check')).stdout).to.match(/The bodies of 40 batches are gone[^]*are what the bodies say/);
    expect((await run('--yes')).code).to.equal(0);
    expect(await storedRows(test.database, 'main')).to.deep.equal(before);
    expect(await loggedKeys(test.database, 'main')).to.deep.equal(keys);
  });
});

/** What a rebuild has to clean up. */
const leftOver = ({ database }: TestDatabase): Promise<unknown[]> =>
  database.query(`
    select nspname as name from pg_namespace where nspname like 'vidhuk\\_%'
    union all select tgname from pg_trigger where not tgisinternal
    union all select state from vidhuk.rebuild where state = 'running'
    union all select kind from vidhuk.rebuild_slice`);

/** Everything that the catalogues say of the tables, but for their oids, and for the texts of views, which they spell anew. */
const describeSchema = async ({ database }: TestDatabase): Promise<string[]> => {
  const rows = await database.query<object[]>(`
    select c.relname as name, c.relkind::text as kind, c.reloptions as options, c.relacl::text as grants, obj_description(c.oid, 'pg_class') as comment,
      pg_get_expr(c.relpartbound, c.oid) as bound, pg_get_userbyid(c.relowner) as owner, c.relpersistence::text as persistence, x.definition,
      p.relname as parent, col.columns, con.keys
    from pg_class c
    left join pg_inherits i on i.inhrelid = c.oid left join pg_class p on p.oid = i.inhparent
    left join lateral (select case when c.relkind in ('i', 'I') then pg_get_indexdef(c.oid) || (select indisvalid::text from pg_index where indexrelid = c.oid) end as definition) as x on true
    left join lateral (
      select json_agg(json_build_array(attnum, attname, format_type(atttypid, atttypmod), attnotnull, attgenerated, attidentity, attstorage, attcompression, attacl::text,
        col_description(attrelid, attnum), pg_get_expr(d.adbin, d.adrelid)) order by attnum) as columns
      from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum where a.attrelid = c.oid and attnum > 0 and not attisdropped
    ) as col on c.relkind not in ('i', 'I')
    left join lateral (select json_agg(conname || ' ' || pg_get_constraintdef(oid) order by conname) as keys from pg_constraint where conrelid = c.oid) as con on true
    where c.relnamespace = 'vidhuk'::regnamespace order by 1`);
  return rows.map((row) => JSON.stringify(row));
};
