import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { createDatabase } from '../../support/services/database.js';
import { runCli } from '../../support/run-cli.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

interface Row {
  id: string;
  state: string;
}

describe('vidhuk follow-ups', function () {
  this.timeout(120_000);
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let client: pg.Client;
  let config: string;
  const run = (...args: string[]) => runCli({ DATABASE_URL: database.url, VIDHUK_CONFIG: config }, 'follow-ups', ...args);
  const states = async (): Promise<Record<string, number>> => {
    const { rows } = await client.query<{ state: string; count: number }>(
      'select state, count(*)::integer from vidhuk.follow_up group by state',
    );
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  };

  beforeEach(async () => {
    database = await createDatabase();
    config = join(await makeTemporaryDirectory(), 'vidhuk.yaml');
    await writeFile(config, 'sources: { main: { tokens: [test-token-test-token] } }\n');
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(`insert into vidhuk.follow_up (id, action, source, activity_key, occurred_at, contact_id, state, last_error, activity)
      select gen_random_uuid(), action, 'main', gen_random_uuid(), now(), 7, state, 'HTTP 404', '{}'
      from unnest(array['tell-crm', 'tell-crm', 'tell-crm', 'other'], array['failed', 'failed', 'done', 'waiting']) as r(action, state)`);
  });
  afterEach(async () => {
    await client.end();
    await database.drop();
  });

  it('lists by action, state and contact, and shows one row with all that the handler gets', async () => {
    const failed = (await run('list', '--state', 'failed', '--contact', '7', '--json')).json() as Row[];
    expect(failed.map(({ state }) => state)).to.deep.equal(['failed', 'failed']);
    expect((await run('list', '--action', 'other')).stdout)
      .to.contain('waiting')
      .and.not.to.contain('tell-crm');
    const shown = (await run('show', failed[0]!.id, '--json')).json() as Record<string, unknown>;
    expect(shown).to.include({ id: failed[0]!.id, lastError: 'HTTP 404' });
    expect((await run('show', '00000000-0000-0000-0000-000000000000')).code).to.equal(1);
    expect((await run('show', 'x')).code).to.equal(2);
  });

  it('shows ids as short as they tell rows apart, and takes them so', async () => {
    const near = ['01a20d59-b9a6-7001-8000-000000000001', '01a20d59-b9a6-7002-8000-000000000001'];
    await client.query(`update vidhuk.follow_up set id = $1 where action = 'other'`, [near[0]]);
    await client.query(`update vidhuk.follow_up set id = $1 where state = 'done'`, [near[1]]);
    const { stdout } = await run('list');
    expect(stdout).to.match(/^01a20d59-b9a6-7001 +other/m);
    for (const id of near) expect(stdout).not.to.contain(id);
    expect((await run('list', '--wide')).stdout).to.contain(near[0]);
    expect((await run('show', '01a20d59-b9a6-7001', '--json')).json()).to.include({ id: near[0] });
    const ambiguous = await run('show', '01a20d59');
    expect([ambiguous.code, ambiguous.stderr.split(':')[1]]).to.deep.equal([
      2,
      ' more than one follow-up has an id that begins with "01a20d59"',
    ]);
    expect((await run('cancel', '01a20d59-b9a6-7001')).stdout).to.equal('1 follow-up is cancelled.\n');
    expect((await run('show', 'ffffffff')).code).to.equal(1);
  });

  it('shows what a remote server said in one line, without obeying it', async () => {
    await client.query('update vidhuk.follow_up set last_error = $1', ['\u001b[32mdone\u001b[0m\nsecond line']);
    expect((await run('list')).stdout).to.contain(String.raw`\u001b[32mdone\u001b[0m second line`);
  });

  it('retries in bulk by filter after a question, and never what is done', async () => {
    const asked = await run('retry', '--action', 'tell-crm');
    expect(asked.code).to.equal(1);
    expect(asked.stderr).to.match(
      /tell-crm +failed +7 +HTTP 404\nNothing was changed: 2 follow-ups match; say --yes to retry them\.\n$/,
    );
    expect((await run('retry', '--action', 'tell-crm', '--yes')).stdout).to.equal('2 follow-ups wait for their next call.\n');
    expect(await states()).to.deep.equal({ waiting: 3, done: 1 });
  });

  it('cancels by id without a question', async () => {
    const [{ id }] = (await run('list', '--action', 'other', '--json')).json() as [Row];
    expect((await run('cancel', id)).code).to.equal(0);
    expect(await states()).to.deep.equal({ failed: 2, done: 1, cancelled: 1 });
  });

  it('retries by id without a question, and asks when not all of the ids can be retried', async () => {
    const [failed] = (await run('list', '--state', 'failed', '--json')).json() as [Row];
    const [done] = (await run('list', '--state', 'done', '--json')).json() as [Row];
    expect((await run('retry', done.id)).code).to.equal(1);
    expect((await run('retry', failed.id, done.id)).stderr).to.contain('1 follow-up matches; say --yes');
    expect(await states()).to.deep.equal({ failed: 2, done: 1, waiting: 1 });
    expect((await run('retry', failed.id, '--json')).json()).to.deep.equal({ changed: 1, underWay: 0 });
    expect(await states()).to.deep.equal({ failed: 1, done: 1, waiting: 2 });
  });

  it('cancels in bulk by contact and state, after the same question', async () => {
    await client.query(`update vidhuk.follow_up set contact_id = 8 where action = 'other'`);
    const filter = ['cancel', '--contact', '7', '--state', 'failed'];
    expect((await run(...filter)).stderr).to.contain('Nothing was changed: 2 follow-ups match; say --yes to cancel them.\n');
    expect((await run(...filter, '--yes')).stdout).to.equal('2 follow-ups are cancelled.\n');
    expect(await states()).to.deep.equal({ cancelled: 2, done: 1, waiting: 1 });
    expect((await run(...filter, '--yes')).code).to.equal(1);
  });

  it('changes nothing without being told which', async () => {
    expect((await run('cancel', '--yes')).code).to.equal(2);
    expect(await states()).to.deep.equal({ failed: 2, done: 1, waiting: 1 });
  });
});
