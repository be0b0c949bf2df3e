import { expect } from 'chai';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { createDatabase } from '../../support/services/database.js';
import { fillDatabase } from '../../support/fill-database.js';
import { runCli, runCliAtKeyboard, runCliProcess } from '../../support/run-cli.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

interface Row {
  id: number;
  reason: string;
  rawBytes: number;
}

const config = `
sources:
  main: { tokens: [test-token-test-token] }
  kyiv: { tokens: [test-token-test-token], timeZone: Europe/Kyiv }
actions:
  - { name: note, when: { status: CLICKED }, run: log }
`;
const sound = { activityStatus: 'DELIVERED', contactId: 7, mediaType: 'email', email: 'a@b.c', iid: 'q' };
const badDate = { ...sound, activityDateTime: '2026-02-30T10:00:00' };
const badId = { ...sound, activityDateTime: '2026-02-01T10:00:00', contactId: 'eight' };

describe('vidhuk quarantine', function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let client: pg.Client;
  let variables: Record<string, string>;
  const run = (...args: string[]) => runCli(variables, 'quarantine', ...args);
  const runAtKeyboard = (...args: string[]) => runCliAtKeyboard(variables, 'quarantine', ...args);
  const waiting = async (): Promise<Row[]> => (await run('list', '--json')).json() as Row[];
  const idOf = async (reason: string): Promise<string> => String((await waiting()).find((row) => row.reason === reason)?.id);
  const count = async (sql: string): Promise<number> => Number((await client.query<{ count: string }>(sql)).rows[0]?.count);

  beforeEach(async () => {
    database = await createDatabase();
    const folder = await makeTemporaryDirectory();
    await writeFile(join(folder, 'vidhuk.yaml'), config);
    const editor = join(folder, 'editor.sh');
    await writeFile(editor, '#!/bin/sh\nsed -i "s/2026-02-30/2026-02-28/" "$1"\n');
    await chmod(editor, 0o755);
    variables = { DATABASE_URL: database.url, VIDHUK_CONFIG: join(folder, 'vidhuk.yaml'), EDITOR: editor };
    await fillDatabase(database.url, [JSON.stringify([badDate, badId]), 'not json']);
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });
  afterEach(async () => {
    await client.end();
    await database.drop();
  });

  it('lists what waits with reasons and totals, and shows one element as received', async () => {
    const { stdout, code } = await run('list');
    expect(stdout).to.contain('bad-date').and.to.contain('not-json 1');
    expect(code).to.equal(0);
    const shown = await run('show', await idOf('bad-date'));
    expect(shown.stdout).to.contain('"activityDateTime": "2026-02-30T10:00:00"');
    expect((await run('show', '4711')).code).to.equal(1);
    expect(stdout).to.contain('3 in all');
    expect((await run('list', '--limit', '2')).stdout).to.contain('2 of 3');
  });

  it('a mended element lands in the log, moves the status and leaves the quarantine, in one step', async () => {
    const { code, stdout } = await run('retry', await idOf('bad-date'), '--set', 'activityDateTime=2026-02-28T10:00:00');
    expect(stdout).to.contain('landed: DELIVERED email of contact 7 at 2026-02-28T10:00:00Z');
    expect(code).to.equal(0);
    expect(await count('select count(*) from vidhuk.activity')).to.equal(1);
    expect(await count('select count(*) from vidhuk.contact_status where contact_id = 7')).to.equal(1);
    expect((await waiting()).map(({ reason }) => reason)).to.have.members(['invalid-field', 'not-json']);
  });

  it('the time of a mended element is read in the time zone of its source', async () => {
    await fillDatabase(database.url, [JSON.stringify(badDate)], 'kyiv');
    const set = ['--set', 'activityDateTime=2026-02-28T10:00:00'];
    const { stdout } = await run('retry', '--all', '--source', 'kyiv', ...set, '--yes');
    expect(stdout).to.contain('landed: DELIVERED email of contact 7 at 2026-02-28T08:00:00Z');
  });

  it('an element that is still broken stays, and the command says why', async () => {
    const { code, stdout } = await run('retry', await idOf('bad-date'));
    expect(stdout).to.contain('still broken, nothing was changed: activityDateTime: "2026-02-30T10:00:00"');
    expect(code).to.equal(1);
    expect(await waiting()).to.have.lengthOf(3);
    expect(await count('select count(*) from vidhuk.rejected_activity')).to.equal(3);
  });

  it('can be mended in an editor', async () => {
    const { code } = await runAtKeyboard('retry', await idOf('bad-date'), '--edit');
    expect(code).to.equal(0);
    expect(await count(`select count(*) from vidhuk.activity where occurred_at = '2026-02-28T10:00:00Z'`)).to.equal(1);
  });

  it('stays as it is when the editor fails, whatever that has left', async () => {
    await writeFile(variables.EDITOR!, '#!/bin/sh\nsed -i "s/2026-02-30/2026-02-28/" "$1"\nexit 1\n');
    const { code, stderr } = await runAtKeyboard('retry', await idOf('bad-date'), '--edit');
    expect(stderr).to.contain('ended with code 1, nothing was changed');
    expect(code).to.equal(2);
    expect(await waiting()).to.have.lengthOf(3);
  });

  it('opens no editor where nobody sits at a terminal', async () => {
    const { code, stdout, stderr } = await runCliProcess(
      { ...variables, EDITOR: 'sleep 600;' },
      'vidhuk quarantine retry 1 --edit </dev/null',
    );
    expect([code, stdout, stderr]).to.deep.equal([2, '', 'vidhuk: --edit needs a terminal: use --set path=value\n']);
  });

  it('a mended element gets its follow-ups like any other, unless it happened long ago, which is told', async () => {
    const mend = async (reason: string, daysAgo: number) => {
      const at = new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 19);
      const assignments = ['contactId=7', 'activityStatus=CLICKED', `activityDateTime=${at}`];
      return run('retry', await idOf(reason), ...assignments.flatMap((each) => ['--set', each]));
    };
    const waitingFollowUps = () => count(`select count(*) from vidhuk.follow_up where action = 'note' and state = 'waiting'`);
    const told = '"note" is not called for 1 activity that happened too long ago';
    expect((await mend('bad-date', 1)).stderr).not.to.contain(told);
    expect(await waitingFollowUps()).to.equal(1);
    expect((await mend('invalid-field', 100)).stderr).to.contain(told);
    expect(await waitingFollowUps()).to.equal(1);
  });

  it('asks before it touches many, and without a terminal wants --yes', async () => {
    const refused = await run('discard', '--all');
    expect([refused.code, refused.stderr]).to.deep.equal([
      1,
      'Nothing was changed: 3 elements would be discarded; say --yes to do it.\n',
    ]);
    expect(await waiting()).to.have.lengthOf(3);
    expect((await run('discard', '--all', '--reason', 'not-json', '--yes')).stdout).to.equal('1 element discarded.\n');
    expect(await waiting()).to.have.lengthOf(2);
    expect(((await run('list', '--all', '--json')).json() as Row[]).length).to.equal(3);
  });

  it('asks before it discards even one', async () => {
    const id = await idOf('not-json');
    expect((await run('discard', id)).code).to.equal(1);
    expect(await waiting()).to.have.lengthOf(3);
    expect((await run('discard', id, '--yes', '--json')).json()).to.deep.equal({ discarded: 1 });
  });

  it('says which of the ids do not wait, and does the others', async () => {
    const id = await idOf('bad-date');
    const { code, stdout, stderr } = await run('retry', id, '4711', '--set', 'activityDateTime=2026-02-28T10:00:00');
    expect(stderr).to.equal('4711: no such element waits in the quarantine.\n');
    expect(stdout).to.match(/landed/);
    expect(code).to.equal(1);
  });

  it('resubmits many as they are, by filter', async () => {
    const mended = JSON.stringify({ ...sound, activityDateTime: '2026-02-28T10:00:00' });
    await client.query(`update vidhuk.rejected_activity set raw = $1 where reason = 'bad-date'`, [mended]);
    const { code, stdout } = await run('retry', '--all', '--yes');
    expect(stdout)
      .to.match(/landed: DELIVERED/)
      .and.to.match(/\n1 of 3 elements landed\.\n$/);
    expect(code).to.equal(1);
    expect((await waiting()).map(({ reason }) => reason)).to.have.members(['invalid-field', 'not-json']);
  });

  it('applies all that an element became in the editor', async () => {
    const [one, two] = [10, 11].map((hour) => JSON.stringify({ ...sound, activityDateTime: `2026-03-01T${hour}:00:00` }));
    await writeFile(variables.EDITOR!, `#!/bin/sh\necho '[${one},${two}]' > "$1"\n`);
    const { stdout } = await runAtKeyboard('retry', await idOf('not-json'), '--edit');
    expect(stdout).to.contain('landed (2 new, 0 known)').and.to.contain('2026-03-01T11:00:00Z');
    expect(await count('select count(*) from vidhuk.activity')).to.equal(2);
  });

  it('what is in the log already is told as that, and leaves the quarantine', async () => {
    await fillDatabase(database.url, [JSON.stringify({ ...sound, activityDateTime: '2026-02-28T10:00:00' })]);
    const { code, stdout } = await run('retry', await idOf('bad-date'), '--set', 'activityDateTime=2026-02-28T10:00:00');
    expect(stdout).to.contain('was in the log already');
    expect(code).to.equal(0);
    expect(await waiting()).to.have.lengthOf(2);
  });

  it('shows first what would have moved a flag, and says so of its contact and to doctor', async () => {
    await fillDatabase(database.url, [
      JSON.stringify([{ ...sound, activityDateTime: '2026-02-01T10:00:00' }]),
      JSON.stringify([{ ...badDate, activityStatus: 'UNSUBSCRIBED' }]),
      JSON.stringify([badDate]),
    ]);
    const [first, second] = (await run('list', '--json')).json() as (Row & { movesFlag: boolean; contactId: number })[];
    expect(first).to.include({ movesFlag: true, contactId: 7 });
    expect(second).to.include({ movesFlag: false });
    expect((await run('list')).stdout).to.contain('moves a flag');
    const { stdout } = await runCli(variables, 'contact', '7');
    expect(stdout).to.contain('email: yes').and.to.contain(`element ${first?.id} waits in the quarantine and may say otherwise`);
    const stranger = { ...badDate, activityStatus: 'SPAM', contactId: 4_711, email: 'Nobody.Yet@Example.com', iid: 'spam' };
    await fillDatabase(database.url, [JSON.stringify([stranger, { ...stranger, contactId: 'nonsense', email: sound.email }])]);
    const [ofKnown, ofStranger] = (await run('list', '--json')).json() as { id: number }[];
    for (const name of ['nobody.yet@example.com', '4711', 'else@example.com']) {
      const { code, stderr } = await runCli(variables, 'contact', name);
      expect([name, code]).to.deep.equal([name, 1]);
      const said = `element ${ofStranger?.id} waits in the quarantine and may say otherwise`;
      if (name === 'else@example.com') expect(stderr).to.match(/^Nobody here is known as .*\n$/);
      else expect(stderr).to.contain(`Nobody here is known as "${name}"`).and.to.contain(said);
    }
    expect((await runCli(variables, 'contact', '7')).stdout)
      .to.contain(`element ${ofKnown?.id} waits`)
      .and.not.to.contain(`element ${ofStranger?.id} `);
    await run('discard', String(ofKnown?.id), String(ofStranger?.id), '--yes');
    const { json } = await runCli({ ...variables, INGRESS_PORT: '1', ADMIN_PORT: '1' }, 'doctor', '--json');
    const findings = json() as { check: string; level: string; text: string }[];
    expect(findings.find(({ check }) => check === 'quarantine')).to.deep.include({
      level: 'problem',
      text: '5 broken elements wait, of which 1 may say that somebody must not be written to',
    });
  });

  it('many are mended in a file: exported as lines, changed by any tool, and given back', async () => {
    const { stdout } = await run('export');
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: number; reason: string; element: unknown });
    expect(lines.map(({ reason }) => reason)).to.have.members(['bad-date', 'invalid-field', 'not-json']);
    expect(lines.find(({ reason }) => reason === 'not-json')?.element).to.equal('not json');
    const file = join(await makeTemporaryDirectory(), 'broken.ndjson');
    const mended = stdout.replaceAll('2026-02-30', '2026-02-28').replace('"eight"', '8');
    await writeFile(
      file,
      mended
        .split('\n')
        .filter((line) => !line.includes('not-json'))
        .join('\n'),
    );
    const { code, stdout: told } = await run('retry', '--from', file, '--yes');
    expect(told).to.contain('2 of 2 elements landed.');
    expect(code).to.equal(0);
    expect(await waiting()).to.have.lengthOf(1);
    expect(await count('select count(*) from vidhuk.activity where contact_id in (7, 8)')).to.equal(2);
  });

  it('a file that is no such export is refused with its line, and nothing is changed', async () => {
    const file = join(await makeTemporaryDirectory(), 'broken.ndjson');
    for (const [text, problem] of [
      ['{"id":1,"element":{}}\n{', 'line 2: is no JSON'],
      ['{"element":{}}', 'line 1: has to be an object with "id"'],
      ['{"id":1,"element":{}}\n{"id":1,"element":{}}', 'line 2: element 1 stands in the file twice'],
      ['', 'has no element in it'],
    ] as const) {
      await writeFile(file, text);
      const { code, stderr } = await run('retry', '--from', file, '--yes');
      expect(stderr, text).to.contain(problem);
      expect(code).to.equal(2);
    }
    await writeFile(file, '{"id":1,"element":{}}');
    expect((await run('retry', '1', '--from', file)).stderr).to.contain('--from says which elements');
    expect(await waiting()).to.have.lengthOf(3);
  });

  it('nothing at all is no mended element', async () => {
    await writeFile(variables.EDITOR!, '#!/bin/sh\necho "[]" > "$1"\n');
    const { code, stdout } = await runAtKeyboard('retry', await idOf('not-json'), '--edit');
    expect(stdout).to.contain('there is no activity in it');
    expect(code).to.equal(1);
    expect(await waiting()).to.have.lengthOf(3);
  });

  it('what the database refuses stays, with its words', async () => {
    await client.query('alter table vidhuk.activity add constraint nobody_is_seven check (contact_id <> 7)');
    const { code, stdout } = await run('retry', await idOf('bad-date'), '--set', 'activityDateTime=2026-02-28T10:00:00');
    expect(stdout).to.contain('still broken').and.to.contain('nobody_is_seven');
    expect(code).to.equal(1);
    expect(await waiting()).to.have.lengthOf(3);
  });

  it('shows and keeps numbers as they were sent', async () => {
    const exact = '"price":1.50,"reference":12345678901234567890123';
    await fillDatabase(database.url, [`{"activityStatus":"READ","contactId":9007199254740993,"iid":"n",${exact}}`]);
    const { id } = (await waiting())[0]!;
    expect((await run('show', String(id))).stdout).to.contain('"contactId": 9007199254740993,');
    await run('retry', String(id), '--set', 'contactId=9', '--set', 'activityDateTime=2026-02-28T10:00:00');
    const { rows } = await client.query<{ raw: string }>('select raw::text from vidhuk.activity_raw where contact_id = 9');
    expect(rows[0]?.raw).to.contain(exact);
  });

  it('lists long elements without carrying them', async () => {
    await fillDatabase(database.url, [`x${'y'.repeat(100_000)}`]);
    const { stdout, json } = await run('list', '--json');
    expect((json() as Row[])[0]?.rawBytes).to.equal(100_001);
    expect(stdout).to.have.length.below(5_000);
  });

  it('keeps the beginning of a long element in its row, and mends and exports all of it', async () => {
    const long = `{"activityDateTime":"2026-02-30T10:00:00","activityStatus":"READ","contactId":11,"iid":"long","filler":"${'ї'.repeat(70_000)}"}`;
    await fillDatabase(database.url, [`[1,${long}]`]);
    const id = (await waiting()).find(({ rawBytes }) => rawBytes === Buffer.byteLength(long))!.id;
    expect(await count(`select octet_length(raw) as count from vidhuk.rejected_activity where id = ${id}`)).to.be.within(
      65_530,
      65_536,
    );
    const shown = await run('show', String(id));
    expect(shown.stdout).to.include(`${Buffer.byteLength(long)} bytes in all`);
    expect(shown.stdout.length).to.be.lessThan(65_000);
    expect((await run('show', String(id), '--json')).stdout.length).to.be.lessThan(65_000);
    expect((await run('export')).stdout).to.include(`"element":${long}}`);
    const { stdout } = await run('retry', String(id), '--set', 'activityDateTime=2026-02-28T10:00:00');
    expect(stdout).to.contain('landed: READ of contact 11 at 2026-02-28T10:00:00Z');
  });

  it('says of a long element whose body is gone that it has to be given whole', async () => {
    await fillDatabase(database.url, [`x${'y'.repeat(100_000)}`]);
    await client.query('update vidhuk.batch set body = null');
    const id = (await waiting()).find(({ rawBytes }) => rawBytes === 100_001)!.id;
    expect((await run('show', String(id))).stdout).to.include('100001 bytes in all, of which no more is kept');
    expect((await run('retry', String(id))).stdout).to.include('give all of it with --from');
  });

  it('warns that the configuration has no such source any more', async () => {
    await fillDatabase(database.url, [JSON.stringify(badDate)], 'gone');
    const { code, stderr } = await run('retry', '--all', '--source', 'gone', '--set', 'iid=z', '--yes');
    expect(stderr).to.equal('The configuration has no source "gone" any more: its times are taken as UTC.\n');
    expect(code).to.equal(1);
  });

  it('refuses a reason that there is not', async () => {
    const { code, stderr } = await run('list', '--reason', 'bad-dat');
    expect(stderr).to.contain('Allowed choices are not-json');
    expect(code).to.equal(2);
  });

  it('says which arguments it needs', async () => {
    for (const args of [['retry'], ['discard'], ['retry', 'x'], ['retry', '1', '--set', 'nothing']])
      expect((await run(...args)).code, args.join(' ')).to.equal(2);
  });
});
