import { expect } from 'chai';
import pg from 'pg';
import { createEmptyDatabase, runStatement } from '../../support/empty-database.js';
import { runCli } from '../../support/run-cli.js';

describe('a database that cannot be migrated', function () {
  this.timeout(60_000);
  const password = 'of-tests';
  const user = `vidhuk_plain_${process.pid}`;

  const schemasOf = async (url: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ nspname: string }>(
      `select nspname from pg_namespace where nspname in ('vidhuk', 'bullmq')`,
    );
    await client.end();
    return rows;
  };

  describe('because of its encoding', () => {
    let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
    before(async () => {
      database = await createEmptyDatabase(`encoding 'SQL_ASCII' locale 'C' template template0`);
    });
    after(() => database.drop());

    it('is left as it is by "vidhuk migrate", which says what to do', async () => {
      const { code, stderr } = await runCli({ DATABASE_URL: database.url }, 'migrate');
      expect(code).to.equal(2);
      expect(stderr).to.match(/the database \w+ has the encoding SQL_ASCII, not UTF8: .*create database .* encoding 'UTF8'/);
      expect(await schemasOf(database.url)).to.deep.equal([]);
    });

    it('is a problem for "vidhuk doctor"', async () => {
      const { code, json } = await runCli({ DATABASE_URL: database.url }, 'doctor', '--json');
      const findings = json() as { check: string; level: string; text: string; remedy?: string }[];
      const finding = findings.find(({ check }) => check === 'database encoding');
      expect(finding).to.include({ level: 'problem', text: 'SQL_ASCII, not UTF8: it does not take every text' });
      expect(finding?.remedy).to.include(`encoding 'UTF8'`);
      expect(code).to.equal(1);
    });
  });

  describe('because of its user’s rights', () => {
    let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
    let plainUrl: string;
    before(async () => {
      database = await createEmptyDatabase();
      await runStatement(database.url, `create role ${user} login password '${password}'`);
      plainUrl = Object.assign(new URL(database.url), { username: user, password }).href;
    });
    after(async () => {
      await runStatement(database.url, `drop owned by ${user} cascade`);
      await database.drop();
      const server = new URL(database.url);
      server.pathname = 'postgres';
      await runStatement(server.href, `drop role ${user}`);
    });

    it('is left as it is, and the grant that is missing is named', async () => {
      const { code, stderr } = await runCli({ DATABASE_URL: plainUrl }, 'migrate');
      expect(code).to.equal(2);
      expect(stderr).to.match(new RegExp(`grant create on database \\w+ to ${user}\n`));
      expect(await schemasOf(database.url)).to.deep.equal([]);
    });

    it('is left as it is where only the queue’s database is closed to its user', async () => {
      const { stderr } = await runCli({ DATABASE_URL: database.url, QUEUE_URL: plainUrl }, 'migrate');
      expect(stderr).to.match(new RegExp(`QUEUE_URL: .*grant create on database \\w+ to ${user}\n`));
      expect(await schemasOf(database.url)).to.deep.equal([]);
    });

    it('is migrated by a user who is not a superuser, once that is granted', async () => {
      await runStatement(
        database.url,
        `do $$ begin create role vidhuk_support nologin; exception when duplicate_object then null; end $$`,
      );
      await runStatement(database.url, `grant create on database "${new URL(database.url).pathname.slice(1)}" to ${user}`);
      const { code, stderr } = await runCli({ DATABASE_URL: plainUrl }, 'migrate');
      expect([code, stderr]).to.deep.equal([0, '']);
    });
  });
});
