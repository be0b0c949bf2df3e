/** Months of the log go, and what they have left in the statuses stays: exact above the horizon, and said so below it. */
import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseConfiguration } from '../../../packages/shared/src/index.js';
import { readContactAsOf } from '../../../packages/worker/src/contact/as-of.js';
import { explainContact, type Explained } from '../../../packages/worker/src/contact/sql/explain.js';
import { retain } from '../../../packages/worker/src/history/retention.js';
import { settleRules } from '../../../packages/worker/src/projection/settle-rules.js';
import { rejection, until } from '../../support/poll.js';
import { batchOf, createProjector, openDatabase, storedRows, type TestDatabase } from '../../support/projection.js';
import { runCli } from '../../support/run-cli.js';

const now = new Date('2026-11-30T12:00:00Z');
const configuration = (retention: string) =>
  parseConfiguration(`sources: { main: { tokens: [token-of-tests] } }\nretention: { ${retention} }`, 'x.yaml', {});
const month = (nth: number, day = 10, second = 0) => new Date(Date.UTC(2025, 6 + nth, day, 9, 0, second));
const statuses = ['DELIVERED', 'READ', 'UNSUBSCRIBED', 'UNDELIVERED', 'CLICKED', 'SPAM', 'SUBSCRIPTION_CHANGED', 'FAILED'];

let counter = 0;
function activity(at: Date, contactId: number, activityStatus: string, more: object = {}) {
  const nth = ++counter;
  return {
    activityDateTime: at.toISOString().slice(0, 19),
    activityStatus,
    mediaType: nth % 3 === 0 ? 'sms' : 'email',
    contactId,
    iid: `iid-${nth}`,
    ...(nth % 2 === 0 ? { email: `c${contactId}-${nth % 5}@example.com` } : {}),
    ...(nth % 3 === 0 ? { sms: `38095${contactId}${nth % 4}` } : {}),
    ...(nth % 7 === 0 ? { externalCustomerId: `crm-${contactId}-${nth % 3}` } : {}),
    ...(activityStatus === 'UNDELIVERED' ? { hardBounce: nth % 2 === 0, statusDescription: `5.1.${nth % 4}` } : {}),
    ...(activityStatus === 'SUBSCRIPTION_CHANGED' ? { subscriptions: nth % 4 === 0 ? [] : ['news', `k${nth % 3}`] } : {}),
    ...more,
  };
}

describe('Months of the log', function () {
  this.timeout(120_000);
  let test: TestDatabase;
  let folder: string;
  const contacts = Array.from({ length: 25 }, (_, nth) => nth + 1);
  const old = Array.from({ length: 40 }, (_, nth) => activity(month(1, 5, nth), 40 + nth, 'READ'));
  const first = batchOf(old, { receivedAt: month(1, 5, 50) });
  const run = (...args: string[]) =>
    runCli({ DATABASE_URL: test.url, QUEUE_URL: test.url, VIDHUK_CONFIG: join(folder, 'vidhuk.yaml') }, ...args);
  const letGo = (retention: string) =>
    retain(test.database, configuration(retention), { now, signal: new AbortController().signal });
  const rows = <Row>(sql: string, values: unknown[] = []) => test.database.query<Row[]>(sql, values);
  const months = async (table: string) =>
    (
      await rows<{ name: string }>(
        `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'vidhuk.${table}'::regclass order by 1`,
      )
    )
      .map(({ name }) => name.replace(`vidhuk.${table}_`, ''))
      .filter((name) => name < '2026_11' && name !== 'default');
  const asOfAll = async (...times: Date[]) => {
    const all: unknown[] = [];
    for (const asOf of times)
      for (const contactId of contacts) {
        const known = await readContactAsOf(test.database, { source: 'main', contactId }, { asOf, knownAt: null }, 0);
        all.push([known?.contact, known?.channels]);
      }
    return all;
  };
  const checked = async () => {
    const { code, stdout } = await run('rebuild', '--check');
    expect(stdout).to.include('Log and statuses are what the bodies say.');
    expect(code).to.equal(0);
  };
  const moments = [month(12, 1), month(14, 20), now];
  let earlier: { rows: object; asOf: unknown[] };

  before(async () => {
    test = await openDatabase();
    await settleRules(test.database);
    folder = await mkdtemp(join(tmpdir(), 'vidhuk-months-'));
    await writeFile(join(folder, 'vidhuk.yaml'), 'sources: { main: { tokens: [token-of-tests] } }\n');
    const { projector } = createProjector(test.database);
    for (let nth = 0; nth < 17; nth++)
      for (let batch = 0; batch < 3; batch++)
        await projector.project([
          batchOf(
            Array.from({ length: 40 }, (_, at) =>
              activity(month(nth, 3 + batch * 5, at), ((at * 7 + batch + nth) % 25) + 1, statuses[(at + nth * batch) % 8]!),
            ),
            { receivedAt: month(nth, 3 + batch * 5, 50) },
          ),
        ]);
    await projector.project([first]);
    earlier = { rows: await storedRows(test.database, 'main'), asOf: await asOfAll(...moments) };
  });
  after(async () => {
    await test.drop();
    await rm(folder, { recursive: true });
  });

  it('go when all of a month has been kept for long enough, and not before', async () => {
    expect(await months('activity')).to.have.length(16);
    const gone = await letGo('log: 180d');
    expect(gone).to.deep.include({ 'months of the log': 11 });
    expect(await months('activity')).to.deep.equal(['2026_06', '2026_07', '2026_08', '2026_09', '2026_10']);
    expect(await rows('select log_from as at from vidhuk.horizon')).to.deep.equal([{ at: new Date('2026-06-01T00:00:00Z') }]);
  });
  it('leave the statuses as they were', async () => {
    expect(await storedRows(test.database, 'main')).to.deep.equal(earlier.rows);
  });
  it('leave the status as of any time above the horizon as it was, names too; below it the answer is no', async () => {
    expect(await asOfAll(...moments)).to.deep.equal(earlier.asOf);
    const early = { asOf: month(5), knownAt: null };
    const refusal = await rejection(readContactAsOf(test.database, { source: 'main', contactId: 1 }, early, 0));
    expect(refusal.message).to.include('the log begins at 2026-06-01T00:00:00.000Z');
    const { code, stderr } = await run('contact', '--id', '1', '--as-of', '2026-01-01T00:00:00Z');
    expect([code, stderr]).to.satisfy(([code, text]: [number, string]) => code === 2 && text.includes('the log begins at'));
  });
  it('are explained still: by the time, and that the activity is not kept', async () => {
    const explained: Explained[] = [];
    for (const contactId of [...contacts, 41])
      explained.push(...(await explainContact(test.database, { source: 'main', contactId })));
    expect(explained.filter(({ agrees }) => !agrees)).to.deep.equal([]);
    const below = explained.filter(({ rule }) => rule.includes('of which the log keeps the time only'));
    expect(below.length).to.be.greaterThan(20);
    expect(
      below.every(({ status, occurredAt }) => status === null && occurredAt !== null && occurredAt < new Date('2026-06-01')),
    ).to.equal(true);
  });
  it('are in a rebuild still, which finds no difference, and puts right what a hand wrote', async () => {
    await checked();
    await rows(`update vidhuk.contact_status set last_opened_at = '2030-01-01', email = 'x@y.z' where contact_id in (1, 41)`);
    await rows(
      `update vidhuk.contact_channel_status set blacklisted_at = null, address = null, former_addresses = null where contact_id in (1, 41)`,
    );
    expect((await run('rebuild', '--contact', '41')).code).to.equal(0);
    expect((await run('rebuild', '--yes')).code).to.equal(0);
    expect(await storedRows(test.database, 'main')).to.deep.equal(earlier.rows);
  });

  it('do not come back: what is sent again from below the horizon is counted, and neither logged nor planned', async () => {
    const { projector } = createProjector(test.database);
    await projector.project([batchOf([activity(month(15), 1, 'READ')])]); // from here on this worker knows the horizon
    const [outcome] = await projector.project([batchOf([...old, activity(month(15), 1, 'READ', { iid: 'new-one' })])]);
    expect(outcome).to.deep.equal({ new: 1, duplicate: 0, rejected: 0, expired: 40 });
    expect(await rows('select total, "new", expired from vidhuk.batch where expired > 0')).to.deep.equal([
      { total: 41, new: 1, expired: 40 },
    ]);
    expect(await rows(`select count(*)::integer as count from vidhuk.activity where occurred_at < '2026-06-01'`)).to.deep.equal([
      { count: 0 },
    ]);
    expect(await months('activity')).to.have.length(5);
    await projector.project([first]); // once more, as a job that runs twice
    expect(await rows('select "new", expired from vidhuk.batch where id = $1', [first.id])).to.deep.equal([
      { new: 40, expired: 0 },
    ]);
    await checked();
  });
  it('take no opt-out with them: one that comes late moves the status, and stays in it through a rebuild', async () => {
    const { projector } = createProjector(test.database);
    await projector.project([
      batchOf([{ ...activity(month(2), 777, 'UNSUBSCRIBED'), mediaType: 'email', email: 'late@example.com' }]),
    ]);
    expect(await rows('select unsubscribed, email from vidhuk.contact_status where contact_id = 777')).to.deep.equal([
      { unsubscribed: true, email: 'late@example.com' },
    ]);
    await checked();
  });

  it('of batches go once neither body nor log needs them; what bodies alone told stays in the statuses, and a rebuild still finds no difference', async () => {
    const kept = await storedRows(test.database, 'main');
    const gone = await letGo('log: 180d, bodies: 60d');
    expect(gone).to.deep.include({ 'months of batches': 10 });
    expect(gone?.['bodies of batches']).to.be.greaterThan(40);
    expect(
      await rows(`select count(*)::integer as count from vidhuk.batch where body is not null and received_at < '2026-10-01'`),
    ).to.deep.equal([{ count: 0 }]);
    expect(await storedRows(test.database, 'main')).to.deep.equal(kept);
    await checked();
    await rows(`update vidhuk.contact_status set last_opened_at = '2030-01-01', email = 'x@y.z', email_at = now()`);
    await rows(`update vidhuk.contact_channel_status set address = 'x@y.z', former_addresses = '{q}', last_opened_at = now()`);
    expect((await run('rebuild', '--yes')).code).to.equal(0);
    expect(await storedRows(test.database, 'main')).to.deep.equal(kept);
  });

  it('are not lost to a rebuild that begins when retention was cut off between moving the horizon and taking their floors', async () => {
    const kept = await storedRows(test.database, 'main');
    await rows(`update vidhuk.horizon set log_from = '2026-08-01'`);
    await checked();
    expect((await run('rebuild', '--yes')).code).to.equal(0);
    expect(await storedRows(test.database, 'main')).to.deep.equal(kept);
    await checked(); // from the floors, for the log has them no more
  });

  it('wait for whoever reads, and let nobody wait behind them', async () => {
    const { projector } = createProjector(test.database);
    const reader = test.database.createQueryRunner();
    await reader.connect();
    await reader.query('begin');
    await reader.query('select count(*) from vidhuk.activity');
    const going = letGo('log: 90d');
    let longest = 0;
    const stopping = new AbortController();
    const watching = (async () => {
      while (!stopping.signal.aborted) {
        const [waited] = await rows<{ ms: number }>(
          `select coalesce(max(extract(epoch from clock_timestamp() - waitstart)), 0)::float8 * 1000 as ms from pg_locks
           where not granted and (database = (select oid from pg_database where datname = current_database()))`,
        );
        longest = Math.max(longest, waited?.ms ?? 0);
        await sleep(10);
      }
    })();
    await until('retention waits', () => longest > 0, { timeoutMs: 30_000, everyMs: 10 });
    for (let nth = 0; nth < 12; nth++) {
      await projector.project([batchOf([activity(month(16, 20, nth), 5, 'READ')])]);
      await rows('select count(*) from vidhuk.activity where contact_id = 5');
      await sleep(50);
    }
    await reader.query('commit');
    await reader.release();
    expect((await going)?.['months of the log']).to.equal(3);
    stopping.abort();
    await watching;
    expect(longest).to.be.greaterThan(0).and.lessThan(1_000);
  });
  it('show when they go, how large they are, and how long the disk lasts', async () => {
    await rows('delete from vidhuk.disk_day'); // what was recorded on the day that this test calls now
    await rows(
      `insert into vidhuk.disk_day select current_date - 10 + d, 100000000 + d * 2097152 from generate_series(1, 10) as d`,
    );
    await writeFile(join(folder, 'vidhuk.yaml'), 'sources: { main: { tokens: [token-of-tests] } }\nretention: { log: 400d }\n');
    const { stdout } = await run('retention', '--free', '20MB');
    expect(stdout).to.match(/the log, by whole months +log: 400d/);
    expect(stdout).to.match(/activity +2026-10 +[\d.]+ KiB +in /);
    expect(stdout).to.match(/It grows by 2\.0 MiB a day.*they last 10 days/s);
  });
});
