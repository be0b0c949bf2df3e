import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { batchQueueName, openQueueStore, PostgresClient } from '../../../packages/shared/src/index.js';
import { createDataSource } from '../../../packages/worker/src/db/data-source.js';
import { openPooler } from '../../support/pooler.js';
import { runStatement } from '../../support/empty-database.js';
import { silentLog } from '../../support/log-lines.js';
import { rejection, until } from '../../support/poll.js';
import { endServices, startService } from '../../support/processes.js';
import { runCli } from '../../support/run-cli.js';
import { createDatabase } from '../../support/services/database.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

const config = 'sources: { main: { tokens: [test-token-test-token] } }\nqueue: { allowVolatile: true }\n';

describe('A session of PostgreSQL', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  before(async () => {
    database = await createDatabase();
  });
  after(() => database.drop());

  const settingsOf = async (url: string, ...names: string[]) => {
    const dataSource = createDataSource(url, { name: 'test', poolSize: 1, log: silentLog() });
    await dataSource.initialize();
    const rows = await dataSource.query<{ name: string; value: string }[]>(
      'select name, current_setting(name) as value from unnest($1::text[]) as name',
      [names],
    );
    await dataSource.destroy();
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  };

  it('has what the options of its URL say beside our own settings, which win', async () => {
    const url = `${database.url}?options=-c%20work_mem%3D16MB%20-c%20statement_timeout%3D1`;
    expect(await settingsOf(url, 'work_mem', 'statement_timeout', 'lock_timeout', 'TimeZone')).to.deep.equal({
      work_mem: '16MB',
      statement_timeout: '1min',
      lock_timeout: '10s',
      TimeZone: 'UTC',
    });
  });

  it('lets the queue find its tables whatever the options of its URL say', async () => {
    const store = await openQueueStore(`${database.url}?options=-c%20work_mem%3D16MB`, () => undefined);
    const queue = await store.openQueue(batchQueueName);
    const job = await queue.add('batch', {}, { jobId: 'a-job' });
    await queue.close();
    await store.close();
    expect(job.id).to.equal('a-job');
  });

  it('is the same whatever the database is set to', async () => {
    const own = await createDatabase();
    const name = new URL(own.url).pathname.slice(1);
    for (const setting of [
      `datestyle = 'German, DMY'`,
      `intervalstyle = 'iso_8601'`,
      `bytea_output = 'escape'`,
      `timezone = 'Europe/Kyiv'`,
      `default_transaction_isolation = 'serializable'`,
      `default_transaction_read_only = on`,
    ])
      await runStatement(own.url, `alter database ${name} set ${setting}`);
    const settings = await settingsOf(
      own.url,
      ...['DateStyle', 'IntervalStyle', 'bytea_output', 'TimeZone', 'transaction_isolation', 'transaction_read_only'],
    );
    const contact = await runCli({ DATABASE_URL: own.url }, 'contact', '1');
    await own.drop();
    expect(settings).to.deep.equal({
      DateStyle: 'ISO, MDY',
      IntervalStyle: 'postgres',
      bytea_output: 'hex',
      TimeZone: 'UTC',
      transaction_isolation: 'read committed',
      transaction_read_only: 'off',
    });
    expect(contact.stderr).to.include('Nobody here is known as "1"');
  });

  for (const [what, code] of [
    ['does not write', '25006'],
    ['goes', '57P01'],
  ])
    it(`ends once its server has said that it ${what}: the next one may lead to one that writes`, async () => {
      const pool = new pg.Pool({ Client: PostgresClient as unknown as typeof pg.Client, connectionString: database.url, max: 1 });
      pool.on('error', () => undefined);
      const backend = async () => (await pool.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid;
      const before = await backend();
      expect(await backend(), 'kept while all is well').to.equal(before);
      const refused = pool.query(`do $$ begin raise 'standby' using errcode = '${code}'; end $$`);
      expect(await rejection(refused)).to.have.property('code', code);
      await until('it is another one', async () => (await backend()) !== before);
      await pool.end();
    });

  it('takes sslmode as psql does: require asks for TLS, and for no certificate that somebody known has signed', () => {
    const client = new PostgresClient({ connectionString: 'postgres://u:p@127.0.0.1:1/d?sslmode=require' });
    expect((client as unknown as { ssl: unknown }).ssl).to.deep.equal({ rejectUnauthorized: false });
  });

  for (const behaviour of ['leavesOut', 'refuses'] as const)
    describe(`behind a pooler that ${behaviour === 'refuses' ? 'refuses' : 'leaves out'} its settings`, () => {
      const expected = /stands a connection pooler .*: let DATABASE_URL name the server itself/;
      let pooler: Awaited<ReturnType<typeof openPooler>>;
      before(async () => {
        pooler = await openPooler(database.url, behaviour);
      });
      after(async () => {
        await endServices();
        await pooler.close();
      });

      it('ends a worker with a sentence, for waiting would not help', async () => {
        const worker = await startService('worker', { databaseUrl: pooler.url, queueUrl: database.url, config });
        expect(await worker.exited).to.equal(78);
        expect(worker.text()).to.match(expected);
      });

      it('ends a command with the same sentence, and nothing beside it', async () => {
        const { code, stdout, stderr } = await runCli({ DATABASE_URL: pooler.url }, 'contact', '1');
        expect([code, stdout, stderr.trim().split('\n').length]).to.deep.equal([2, '', 1]);
        expect(stderr).to.match(expected);
      });

      it('ends "vidhuk migrate" before it holds a lock that a later run would wait for', async () => {
        const { code, stderr } = await runCli({ DATABASE_URL: pooler.url }, 'migrate');
        expect([code, stderr]).to.satisfy(([c, text]: [number, string]) => c === 2 && expected.test(text));
        const client = new pg.Client({ connectionString: database.url });
        await client.connect();
        const { rows } = await client.query(
          `select from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
        );
        await client.end();
        expect(rows).to.deep.equal([]);
      });
    });

  describe('of a user who has too few rights', () => {
    const role = `vidhuk_poor_${process.pid}`;
    let url: string;
    before(async () => {
      await runStatement(database.url, `create role ${role} login password 'of-tests'`);
      const later = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() + 2)).toISOString();
      await runStatement(database.url, `drop table vidhuk.activity_${later.slice(0, 7).replace('-', '_')}`);
      await runStatement(
        database.url,
        `grant usage on schema vidhuk to ${role}; grant select, insert on all tables in schema vidhuk to ${role}`,
      );
      url = Object.assign(new URL(database.url), { username: role, password: 'of-tests' }).href;
    });
    after(async () => {
      await endServices();
      await runStatement(database.url, `drop owned by ${role} cascade; drop role ${role}`);
    });

    it('lets a worker say at its start which are missing, and go on as soon as they are there', async () => {
      const worker = await startService('worker', { databaseUrl: url, queueUrl: database.url, config });
      const told = () => worker.text().includes(`the user \\"${role}\\" may not update, delete vidhuk.activity`);
      await until('it says what is missing', told, { timeoutMs: 30_000 });
      await runStatement(database.url, `grant update, delete on all tables in schema vidhuk to ${role}`);
      await until('it is ready', () => worker.lines().some(({ msg }) => msg === 'worker ready'), { timeoutMs: 60_000 });
      await until('it says who makes partitions', () => worker.text().includes('this user may not make partitions'));
      await worker.stop();
    });
  });

  it('is looked at by "vidhuk doctor", which writes as a worker does', async () => {
    const file = join(await makeTemporaryDirectory(), 'vidhuk.yaml');
    await writeFile(file, config);
    const { json } = await runCli({ DATABASE_URL: database.url, VIDHUK_CONFIG: file }, 'doctor', '--json');
    const findings = json() as { check: string; level: string; text: string }[];
    expect(findings.filter(({ check }) => check === 'writes')).to.deep.equal([
      { check: 'writes', level: 'ok', text: 'batches and follow-ups can be written' },
    ]);
    expect(findings.find(({ check }) => check === 'letters')?.level).to.equal('ok');
  });
});
