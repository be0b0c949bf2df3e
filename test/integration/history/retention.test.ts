/** What is kept for how long. */
import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfiguration } from '../../../packages/shared/src/index.js';
import { earlierClock } from '../../../packages/worker/src/history/sql/earlier-clock.js';
import { retain } from '../../../packages/worker/src/history/retention.js';
import { batchOf, createProjector, openDatabase, type TestDatabase } from '../../support/projection.js';
import { runCli } from '../../support/run-cli.js';

const dayMs = 86_400_000;
const now = new Date();
const ago = (days: number) => new Date(now.getTime() - days * dayMs);
const forever = parseConfiguration('sources: { main: { tokens: [token-of-tests] } }', 'x.yaml', {});

describe('Retention', function () {
  this.timeout(60_000);
  let test: TestDatabase;
  let folder: string;
  const run = (...args: string[]) =>
    runCli({ DATABASE_URL: test.url, VIDHUK_CONFIG: join(folder, 'vidhuk.yaml') }, 'retention', ...args);
  const count = async (sql: string): Promise<number> => {
    const [row] = await test.database.query<{ count: number }[]>(`select count(*)::integer as count from vidhuk.${sql}`);
    return row?.count ?? 0;
  };
  const followUps = (state: string, days: number, many: number) =>
    test.database.query(
      `insert into vidhuk.follow_up (id, action, source, activity_key, occurred_at, state, created_at, done_at, activity)
       select gen_random_uuid(), 'crm', 'main', gen_random_uuid(), $2, $1, $2, $2, '{"email":"a@b.c"}' from generate_series(1, $3::integer)`,
      [state, ago(days), many],
    );

  before(async () => {
    test = await openDatabase();
    folder = await mkdtemp(join(tmpdir(), 'vidhuk-retention-'));
    await writeFile(
      join(folder, 'vidhuk.yaml'),
      'sources: { main: { tokens: [token-of-tests] } }\nretention: { bodies: 30d, followUps: 90d, quarantine: 365d }\n',
    );
    const { projector } = createProjector(test.database);
    for (const days of [100, 40, 20])
      await projector.project([
        batchOf(
          [
            {
              contactId: days,
              activityStatus: 'READ',
              mediaType: 'email',
              iid: `i${days}`,
              activityDateTime: ago(days).toISOString(),
            },
            7,
          ],
          {
            receivedAt: ago(days),
          },
        ),
      ]);
    await followUps('done', 100, 2_500);
    await followUps('waiting', 100, 3);
    await followUps('done', 10, 5);
    await test.database.query(
      `update vidhuk.rejected_activity set resolved_at = $1, resolution = 'discarded' where id = (select min(id) from vidhuk.rejected_activity)`,
      [ago(400)],
    );
  });
  after(async () => {
    await test.drop();
    await rm(folder, { recursive: true });
  });

  it('tells what would go when, and where the disk goes, and changes nothing', async () => {
    const { code, stdout } = await run();
    expect(code).to.equal(0);
    expect(stdout).to.match(/bodies of batches +bodies: 30d +3 +2 /);
    expect(stdout).to.match(/follow-ups that came to an end +followUps: 90d +2505 +2500 /);
    expect(stdout).to.match(/^follow_up +– +[\d.]+ [KM]iB/m);
    expect(await count('batch where body is not null')).to.equal(3);
  });
  it('goes by the earlier of two clocks: one that is a year ahead lets nothing go', async () => {
    const year = 365 * dayMs;
    const ahead = await earlierClock(test.database, new Date(Date.now() + year));
    expect(ahead.getTime()).to.be.closeTo(Date.now(), 60_000);
    const behind = new Date(Date.now() - year);
    expect(await earlierClock(test.database, behind)).to.deep.equal(behind);
  });
  it('never lets go what is kept for ever', async () => {
    const retention = { ...forever.retention, followUps: 'forever', quarantine: 'forever', requests: 'forever' };
    expect(await retain(test.database, { ...forever, retention }, { now, signal: new AbortController().signal })).to.deep.equal(
      {},
    );
  });
  it('lets go what is due: bodies, ended follow-ups, resolved elements; nothing that waits, and nothing that is young', async () => {
    const { code, stdout } = await run('--now');
    expect([code, stdout]).to.satisfy(([code, text]: [number, string]) => code === 0 && /came to an end +2500/.test(text));
    expect(await count('batch where body is not null')).to.equal(1);
    expect(await count('batch')).to.equal(3);
    expect(await count(`follow_up where state = 'waiting'`)).to.equal(3);
    expect(await count('follow_up')).to.equal(8);
    expect(await count('rejected_activity')).to.equal(2);
    expect(await count('activity')).to.equal(3);
    expect(await count('contact_status')).to.equal(3);
  });
  it('is done by one process at a time', async () => {
    const runner = test.database.createQueryRunner();
    await runner.connect();
    await runner.query(`select pg_advisory_lock(hashtextextended('vidhuk retention', 0))`);
    const { code, stderr } = await run('--now');
    expect([code, stderr]).to.deep.equal([1, 'A worker is at it right now, or a rebuild.\n']);
    await runner.query(`select pg_advisory_unlock(hashtextextended('vidhuk retention', 0))`);
    await runner.release();
  });
  it('waits for no row that somebody else holds', async () => {
    await followUps('done', 200, 1);
    const runner = test.database.createQueryRunner();
    await runner.connect();
    await runner.query('begin');
    await runner.query(`select from vidhuk.follow_up where created_at < now() - interval '150 days' for update`);
    expect((await run('--now')).code).to.equal(0);
    await runner.query('rollback');
    await runner.release();
    expect(await count(`follow_up where created_at < now() - interval '150 days'`)).to.equal(1);
  });
});
