import { expect } from 'chai';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { prompt } from '../../../packages/cli/src/sql/console.js';
import { describeOutcome, toObjects } from '../../../packages/cli/src/sql/outcome.js';
import { SqlSession } from '../../../packages/cli/src/sql/session.js';
import { runStatement } from '../../support/empty-database.js';
import { fillDatabase } from '../../support/fill-database.js';
import { until } from '../../support/poll.js';
import { runCli, runCliProcess } from '../../support/run-cli.js';
import { createDatabase } from '../../support/services/database.js';

const contacts = [1, 2].map((contactId) => ({
  activityStatus: 'DELIVERED',
  contactId,
  mediaType: 'email',
  email: `c${contactId}@example.com`,
  activityDateTime: '2026-01-02T03:04:05',
  iid: String(contactId),
}));

/** Without the colours that a terminal, or CI, gets. */
const shownAs = (outcome: Parameters<typeof describeOutcome>[0], width: number): string =>
  stripVTControlCharacters(describeOutcome(outcome, width));

describe('vidhuk sql', function () {
  this.timeout(60_000);
  const login = `vidhuk_ann_${process.pid}`;
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let supportUrl: string;

  before(async () => {
    database = await createDatabase();
    await fillDatabase(database.url, [JSON.stringify(contacts)]);
    await runStatement(database.url, `create role ${login} login password 'of-tests' in role vidhuk_support`);
    supportUrl = Object.assign(new URL(database.url), { username: login, password: 'of-tests' }).href;
  });
  after(async () => {
    await runStatement(database.url, `drop role ${login}`);
    await database.drop();
  });

  const sql = (...args: string[]) => runCli({ DATABASE_URL: database.url }, 'sql', ...args);

  it('runs a statement and shows a table, in UTC, in the schema vidhuk', async () => {
    const { code, stdout } = await sql('-c', 'select contact_id, last_delivered_at from contact_status order by 1');
    expect(stdout).to.match(/^contact_id\s+last_delivered_at\s*\n\s+1 {2}2026-01-02 03:04:05\+00/);
    expect(stdout).to.contain('(2 rows)');
    expect(code).to.equal(0);
  });

  it('gives rows as JSON: numbers, booleans, lists and times as such, a name that stands twice twice', async () => {
    const columns = `contact_id, blacklisted, array['a','b'] as list, last_delivered_at, null as x, 1 as x, 9007199254740993 as big, '{"a":1}'::jsonb as doc`;
    const { json } = await sql('--json', '-c', `select ${columns} from contact_status order by 1 limit 1`);
    expect(json()).to.deep.equal([
      {
        contact_id: 1,
        blacklisted: false,
        list: ['a', 'b'],
        last_delivered_at: '2026-01-02T03:04:05.000Z',
        x: null,
        x_2: 1,
        big: '9007199254740993',
        doc: { a: 1 },
      },
    ]);
  });

  it('is support, whichever URL it has: reads what support may, and writes nothing', async () => {
    const ways: Record<string, string>[] = [{ DATABASE_URL: database.url }, { SUPPORT_DATABASE_URL: supportUrl }];
    for (const variables of ways) {
      const ask = (statement: string) => runCli(variables, 'sql', '-c', statement);
      expect((await ask(`select pg_has_role('vidhuk_support', 'usage'), current_setting('statement_timeout')`)).stdout).to.match(
        /t\s+1min/,
      );
      for (const [statement, refusal] of [
        ['select * from batch', 'permission denied for table batch'],
        ['create temporary table mine ()', 'cannot execute CREATE TABLE in a read-only transaction'],
      ] as const) {
        const { code, stderr } = await ask(statement);
        expect(stderr).to.contain(refusal);
        expect(code).to.equal(2);
      }
    }
    const both = await runCli(
      { DATABASE_URL: database.url, SUPPORT_DATABASE_URL: supportUrl },
      'sql',
      '-c',
      'select session_user',
    );
    expect(both.stdout).to.contain(login);
  });

  it('says what to grant where the user of DATABASE_URL may not become support', async () => {
    const other = `vidhuk_other_${process.pid}`;
    await runStatement(database.url, `create role ${other} login password 'of-tests'`);
    try {
      const url = Object.assign(new URL(database.url), { username: other, password: 'of-tests' }).href;
      const { code, stderr } = await runCli({ DATABASE_URL: url }, 'sql', '-c', 'select 1');
      expect(stderr).to.match(/may not become vidhuk_support: .*"grant vidhuk_support to" .*SUPPORT_DATABASE_URL/);
      expect(code).to.equal(2);
    } finally {
      await runStatement(database.url, `drop role ${other}`);
    }
  });

  it('tells an error as PostgreSQL does, with its place, exit code 2', async () => {
    const { code, stdout, stderr } = await sql('-c', 'select 1;\nselect contact_id,\n  no_such_column from contact_status');
    expect(stdout).to.contain('(1 row)');
    expect(stderr).to.equal(
      'vidhuk: ERROR: column "no_such_column" does not exist\nLINE 2:   no_such_column from contact_status\n          ^\n',
    );
    expect(code).to.equal(2);
    const { failure } = await sql('--json', '-c', 'select no_such_column');
    expect(failure().message).to.match(/^ERROR: column "no_such_column" does not exist\nLINE 1: select no_such_column\n {15}\^$/);
  });

  it('reads statements from standard input where nobody sits at a terminal, up to the first error', async () => {
    const variables = { DATABASE_URL: database.url };
    const statements = String.raw`\set who 'c2@example.com'\nselect contact_id from contact_status\nwhere email = :'who';\nselect 1/0; select 77777`;
    const { code, stdout, stderr } = await runCliProcess(
      variables,
      `printf '${statements.replaceAll("'", `'"'"'`)}' | vidhuk sql`,
    );
    expect(stdout).to.match(/contact_id\s*\n\s*2\s*\n\(1 row\)/);
    expect(stderr).to.contain('ERROR: division by zero');
    expect(stdout).not.to.contain('77777');
    expect(code).to.equal(2);
  });

  it('shows rows that are too wide for the terminal one below the other, with nothing cut off', async () => {
    const session = await SqlSession.open(database.url, { setting: 'DATABASE_URL', role: null });
    try {
      const outcome = await session.run(
        `select 'x' as short, repeat('long ', 30) as long, repeat('other ', 30) as other, null as nothing`,
      );
      expect(shownAs(outcome, 80).split('\n')[2]).to.match(/long {5}(long ){30}/);
      expect(shownAs(outcome, 400)).to.match(/^.*short.*long.*other.*nothing/);
      const many = await session.run('select generate_series(1, 5000) as n', 10);
      expect(shownAs(many, 80)).to.contain('the first 10 of 5,000 rows');
      expect(toObjects(await session.run('select generate_series(1, 5000) as n'))).to.have.length(5_000);
    } finally {
      await session.close();
    }
  });

  describe('at a terminal', () => {
    /** Types line after line, each when the prompt has come; gives all that was shown. */
    const type = async (lines: readonly string[], interrupt?: RegExp): Promise<string> => {
      const session = await SqlSession.open(supportUrl, { setting: 'SUPPORT_DATABASE_URL', role: null });
      const input = new PassThrough();
      let shown = '';
      const output = new PassThrough().on('data', (chunk: Buffer) => (shown += chunk.toString()));
      const tell = (text: string) => void (shown += `${text}\n`);
      const show = (outcome: Parameters<typeof describeOutcome>[0]) => tell(shownAs(outcome, 80));
      const terminal = Object.assign(output, { isTTY: true, columns: 80 });
      const ended = prompt(
        { session, limit: 1_000, show, tell },
        { input: Object.assign(input, { isTTY: true }), output: terminal },
      );
      try {
        for (const [nth, line] of lines.entries()) {
          await until('the prompt comes', () => (shown.match(/vidhuk[=-]> /g) ?? []).length > nth);
          input.write(`${line}\r`);
          if (interrupt?.test(line)) {
            await until('it runs', async () => (await running(login)) === 1);
            input.write('\x03');
          }
        }
        await ended;
        return shown;
      } finally {
        await session.close();
      }
    };
    const running = async (user: string): Promise<number> => {
      const session = await SqlSession.open(database.url, { setting: 'DATABASE_URL', role: null });
      try {
        const active = `select from pg_stat_activity where usename = '${user}' and state = 'active'`;
        return (await session.run(active)).total;
      } finally {
        await session.close();
      }
    };

    it('takes statements over several lines, goes on after an error, and ends with \\q', async () => {
      const shown = await type(['select 40', '+ 2 as answer;', 'selekt;', 'select 43 as next;', String.raw`\q`]);
      expect(shown).to.match(/vidhuk-> /);
      expect(shown).to.match(/answer\s+42\s+\(1 row\)/);
      expect(shown).to.match(/ERROR: syntax error at or near "selekt"\s+LINE 1: selekt/);
      expect(shown).to.match(/next\s+43/);
    });

    it('explains tables and columns', async () => {
      const shown = await type([String.raw`\d`, String.raw`\d contact_status`, String.raw`\nonsense`, 'quit']);
      expect(shown).to.match(/contact_channel_status\s+May we write/);
      expect(shown).to.match(/blacklisted\s+boolean\s+True when/);
      expect(shown).to.contain(String.raw`there is no command \nonsense here`);
    });

    it('ends the statement that runs with Ctrl-C, and goes on', async () => {
      const shown = await type(['select pg_sleep(60);', 'select 44 as next;', String.raw`\q`], /pg_sleep/);
      expect(shown).to.contain('ERROR: canceling statement due to user request');
      expect(shown).to.match(/next\s+44/);
    });
  });
});
