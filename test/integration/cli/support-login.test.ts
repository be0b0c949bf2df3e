import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runStatement } from '../../support/empty-database.js';
import { fillDatabase } from '../../support/fill-database.js';
import { runCli } from '../../support/run-cli.js';
import { createDatabase } from '../../support/services/database.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

interface Finding {
  check: string;
  level: string;
  text: string;
}

describe('A login role of support', function () {
  this.timeout(60_000);
  const login = `vidhuk_eve_${process.pid}`;
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let variables: Record<string, string>;

  before(async () => {
    database = await createDatabase();
    const activity = {
      activityStatus: 'DELIVERED',
      contactId: 7,
      mediaType: 'email',
      email: 'c7@example.com',
      messageName: 'Welcome',
      activityDateTime: '2026-01-02T03:04:05',
      iid: '7',
    };
    await fillDatabase(database.url, [JSON.stringify([activity])]);
    await runStatement(database.url, `create role ${login} login password 'of-tests' in role vidhuk_support`);
    // Whatever only reads also works where nothing can be written.
    await runStatement(database.url, `alter role ${login} set default_transaction_read_only = on`);
    const file = join(await makeTemporaryDirectory(), 'vidhuk.yaml');
    await writeFile(file, 'sources: { main: { tokens: [test-token-test-token] } }\n');
    const url = Object.assign(new URL(database.url), { username: login, password: 'of-tests' }).href;
    variables = { DATABASE_URL: url, VIDHUK_CONFIG: file, INGRESS_PORT: '1', ADMIN_PORT: '1' };
  });
  after(async () => {
    await runStatement(database.url, `drop role ${login}`);
    await database.drop();
  });

  for (const command of ['contact c7@example.com', 'contact --id 7'])
    it(`runs "vidhuk ${command}"`, async () => {
      const { code, stdout, stderr } = await runCli(variables, ...command.split(' '));
      expect(stderr).to.equal('');
      expect(stdout).to.contain('May we write to this contact?').and.to.contain('Welcome');
      expect(code).to.equal(0);
    });

  it('runs "vidhuk doctor": what it may not look at is a note, and no problem', async () => {
    const { code, json } = await runCli(variables, 'doctor', '--json');
    const findings = json() as Finding[];
    expect(findings.filter(({ level }) => level === 'problem')).to.deep.equal([]);
    const notes = findings.filter(({ text }) => text.startsWith('not looked at: this user may not'));
    expect(notes.map(({ level }) => level)).to.satisfy((levels: string[]) => levels.every((level) => level === 'info'));
    expect(notes.map(({ check }) => check)).to.include.members(['default partitions', 'quarantine', 'actions', 'queue']);
    expect(findings.find(({ check }) => check === 'migrations')).to.include({ level: 'ok' });
    expect(code).to.equal(0);
  });

  it('runs "vidhuk search"', async () => {
    const { code, stdout } = await runCli(variables, 'search', 'example.com');
    expect(stdout).to.contain('c7@example.com');
    expect(code).to.equal(0);
  });

  it('runs "vidhuk status": what it may not look at is said, and is nothing that is wrong', async () => {
    const { json } = await runCli(variables, 'status', '--json');
    const status = json() as { database: object; queue: object; wrong: string[] };
    for (const part of [status.database, status.queue]) expect(part).to.include({ forbidden: true });
    expect(status.wrong).to.deep.equal(['neither ingress nor worker answers on this machine: start them']);
  });

  it('is told in one line what it may not do', async () => {
    const { code, stderr } = await runCli(variables, 'quarantine', 'list');
    expect(stderr).to.match(/^vidhuk: permission denied for table rejected_activity\n$/);
    expect(code).to.equal(2);
  });
});
