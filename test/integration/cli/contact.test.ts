import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { createDatabase } from '../../support/services/database.js';
import { fillDatabase } from '../../support/fill-database.js';
import { until } from '../../support/poll.js';
import { runCli, runCliProcess } from '../../support/run-cli.js';

interface Found {
  contact: { contactId: number; blacklisted: boolean };
  channels: { mediaType: string }[];
  activities: { status: string }[];
}

/** Sent by somebody who would like to be written to. */
const forged = {
  contactId: 5,
  mediaType: 'email',
  email: 'forged@example.com',
  activityStatus: 'UNDELIVERED',
  hardBounce: true,
  statusDescription: 'gone\u001b[2J\n  viber: yes',
  activityDateTime: '2026-11-01T10:00:00',
  iid: 'y',
};

const blacklisted = {
  contactId: 380956490955,
  mediaType: 'email',
  email: 'Gone@Example.com',
  activityStatus: 'UNDELIVERED',
  hardBounce: true,
  statusDescription: '5.1.1 unknown user',
  activityDateTime: '2026-11-01T10:00:00',
  iid: 'x',
};

/** Without a word of why. */
const silent = { ...blacklisted, contactId: 6, email: 'silent@example.com', statusDescription: undefined, iid: 'z' };

/** As a shop may write its ids. */
const odd = [
  { ...blacklisted, contactId: 21, email: 'a@odd.example', externalCustomerId: 'CRM  42', iid: 'o1' },
  { ...blacklisted, contactId: 22, email: 'b@odd.example', externalCustomerId: 'Zoe\u0301', iid: 'o2' },
];

/** One address in two sources. */
const shared = { ...blacklisted, contactId: 8, email: 'shared@example.com', iid: 's' };

describe('vidhuk contact', function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof createDatabase>>;
  const run = (...args: string[]) => runCli({ DATABASE_URL: database.url }, 'contact', ...args);
  const ids = async (...args: string[]) =>
    ((await run(...args, '--json')).json() as Found[]).map(({ contact }) => contact.contactId);

  before(async () => {
    database = await createDatabase();
    const samples = [await readFile('test/samples/bulk.json'), await readFile('test/samples/triggered.json')];
    await fillDatabase(database.url, [...samples, JSON.stringify([blacklisted, forged, silent, shared, ...odd])]);
    await fillDatabase(database.url, [JSON.stringify({ ...shared, contactId: 9 })], 'other');
  });
  after(() => database.drop());

  it('says in words whether we may write, and why not', async () => {
    const { code, stdout } = await run('gone@example.com');
    expect(stdout).to.match(
      /May we write to this contact\?\n {2}email: no, blacklisted since 2026-11-01T10:00:00Z .*: 5\.1\.1 unknown user/,
    );
    expect(code).to.equal(0);
  });
  it('says no where a channel is blacklisted and nobody said why', async () => {
    const { stdout } = await run('silent@example.com');
    expect(stdout).to.match(/\n {2}email: no, blacklisted since 2026-11-01T10:00:00Z \([^)]*\)\n/);
  });
  it('shows who else has its external id or its address, in the same source: the platform merges contacts without telling', async () => {
    const twin = { ...silent, statusDescription: 'x', activityStatus: 'READ', hardBounce: undefined };
    const twins = [
      { ...twin, contactId: 61, email: 'twin@example.com', externalCustomerId: 'customer-61', iid: 't1' },
      { ...twin, contactId: 62, email: 'Twin@Example.com', externalCustomerId: 'customer-62', iid: 't2' },
      { ...twin, contactId: 63, email: 'other@example.com', externalCustomerId: 'customer-61', iid: 't3' },
    ];
    await fillDatabase(database.url, [JSON.stringify(twins)]);
    const { stdout } = await run('--id', '61');
    expect(stdout).to.include(
      '\nalso known as 62: the same e-mail address (Twin@Example.com)\nalso known as 63: the same external id (customer-61)\n',
    );
    expect((await run('--id', '5')).stdout).to.not.include('also known as');
  });
  it('finds an address in every source, or in the one that is asked for', async () => {
    expect(await ids('shared@example.com')).to.have.members([8, 9]);
    expect(await ids('shared@example.com', '--source', 'other')).to.deep.equal([9]);
    const { code, stderr } = await run('shared@example.com', '--source', 'third');
    expect([code, stderr]).to.deep.equal([
      1,
      'Nobody here is known as "shared@example.com": no activity of such a contact has come in from third.\n',
    ]);
  });
  it('finds every contact that an address belongs to, whatever its case', async () => {
    expect(await ids('TEST1@yourdomain.com')).to.have.members([1967597908, 889891911]);
  });
  it('finds by contact id and by external id', async () => {
    expect(await ids('1967597908')).to.deep.equal([1967597908]);
    expect(await ids('789456512')).to.deep.equal([1967597908]);
    expect(await ids('262ac297-6ae1-11ec-a2ec-0050569bdf92')).to.deep.equal([889891911]);
  });
  it('finds by phone however it is written; digits may be a phone and an id at once', async () => {
    expect(await ids('+38 (095) 649-09-55')).to.deep.equal([706515632]);
    expect(await ids('380956490955')).to.have.members([706515632, 380956490955]);
  });
  it('finds what was pasted with characters that cannot be seen, and a phone number as it is written at home', async () => {
    expect(await ids('\u200bTEST1@yourdomain.com\u00a0')).to.have.members([1967597908, 889891911]);
    for (const typed of ['095 649 09 55', '00380956490955', '80956490955'])
      expect(await ids('--phone', typed), typed).to.deep.equal([706515632]);
  });
  it('finds an external id as it stands, with two spaces or accents of its own', async () => {
    expect(await ids('CRM  42')).to.deep.equal([21]);
    expect(await ids('--external-id', '\u200bCRM  42 ')).to.deep.equal([21]);
    expect(await ids('Zoe\u0301')).to.deep.equal([22]);
  });
  it('asks who is meant where nothing is to be seen', async () => {
    for (const args of [[''], [' '], ['\u200b'], ['--email', '\u00a0']]) {
      const { code, stderr } = await run(...args);
      expect([code, stderr.includes('say who, in one way')], JSON.stringify(args)).to.deep.equal([2, true]);
    }
  });
  it('shows channels and the latest activities, as many as asked for', async () => {
    const [found] = (await run('1967597908', '--limit', '1', '--json')).json() as [Found];
    expect(found.channels.map(({ mediaType }) => mediaType)).to.deep.equal(['email']);
    expect(found.activities.map(({ status }) => status)).to.deep.equal(['UNDELIVERED']);
  });
  it('finds by what the options say it is, and by nothing else', async () => {
    expect(await ids('--email', 'TEST1@yourdomain.com')).to.have.members([1967597908, 889891911]);
    expect(await ids('--phone', '+38 (095) 649-09-55')).to.deep.equal([706515632]);
    expect(await ids('--id', '380956490955')).to.deep.equal([380956490955]);
    expect(await ids('--external-id', '789456512')).to.deep.equal([1967597908]);
    expect(await ids('--email', '1967597908')).to.deep.equal([]);
    expect((await run('--id', '7', '--email', 'a@example.com')).code).to.equal(2);
    const noId = await run('--id', 'abc');
    expect(noId.stderr).to.include('"abc" is no id of a contact');
    expect(noId.code).to.equal(2);
  });
  it('shows what the messages were called, as the bodies say', async () => {
    const [found] = (await run('1967597908', '--json')).json() as { activities: { messageName: string }[] }[];
    expect(found?.activities.map(({ messageName }) => messageName)).to.deep.equal(['test', 'test']);
    expect((await run('1967597908')).stdout).to.match(/DELIVERED +email +test/);
  });
  it('shows the latest follow-ups that the contact caused', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(`insert into vidhuk.follow_up (id, action, source, activity_key, occurred_at, contact_id, state, last_error, created_at, activity)
      select gen_random_uuid(), 'action-' || n, source, gen_random_uuid(), now(), contact, 'failed', 'HTTP 404', now() - n * interval '1 hour', '{}'
      from generate_series(1, 12) n, (values ('main', 1967597908), ('main', 706515632), ('other', 1967597908)) as of(source, contact)`);
    await client.end();
    const [found] = (await run('1967597908', '--json')).json() as { followUps: { action: string }[] }[];
    expect(found?.followUps.map(({ action }) => action)).to.deep.equal(Array.from({ length: 10 }, (_, n) => `action-${n + 1}`));
    expect((await run('1967597908')).stdout).to.match(/^[0-9a-f]{8,} +action-1 +failed +1 hour ago +HTTP 404$/m);
  });
  it('exits 1 and says so when nobody is known by that name', async () => {
    const { code, stderr } = await run('nobody@example.com');
    expect([code, stderr]).to.deep.equal([
      1,
      'Nobody here is known as "nobody@example.com": no activity of such a contact has come in.\n',
    ]);
  });
  it('exits 2 with one line when the database is away or an argument is missing', async () => {
    const away = await runCli({ DATABASE_URL: 'postgres://127.0.0.1:1/none' }, 'contact', 'x@y.z');
    expect(away.code).to.equal(2);
    expect(away.stderr.trim().split('\n')).to.have.lengthOf(1);
    expect((await run()).code).to.equal(2);
    expect((await run('x', '--limit', 'many')).code).to.equal(2);
  });
  it('treats a term as data, not as SQL', async () => {
    expect((await run("'; drop table vidhuk.contact_status; --")).code).to.equal(1);
    expect(await ids('1967597908')).to.have.lengthOf(1);
  });
  it('lets nothing that was sent pass for a line of its own, or move the cursor', async () => {
    const { stdout } = await run('forged@example.com');
    expect(stdout).to.contain(String.raw`gone\u001b[2J\u000a  viber: yes`);
    expect(stdout).not.to.match(/^ {2}viber: yes/m);
  });
  describe('as a process', function () {
    this.timeout(180_000); // where all cores are busy, a start takes many seconds
    const inShell = (shell: string, variables = {}) => runCliProcess({ DATABASE_URL: database.url, ...variables }, shell);

    it('exits 1 where the answer is no, and 2 where there is none', async () => {
      const { stdout } = await inShell('vidhuk contact nobody@example.com; echo $?; vidhuk contact --no-such-option; echo $?');
      expect(stdout).to.equal('1\n2\n');
    });
    it('ends quietly when its reader has had enough', async () => {
      const { stdout, stderr } = await inShell('vidhuk contact 1967597908 | true; echo ${PIPESTATUS[0]}');
      expect([stdout, stderr]).to.deep.equal(['0\n', '']);
    });
    it('has no colours where it does not write to a terminal', async () => {
      const { stdout } = await inShell('vidhuk contact 1967597908', { CI: 'true' });
      expect(stdout).to.contain('May we').and.not.to.contain('\u001b');
    });
  });

  it('looks contacts up by indexes', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query(`insert into vidhuk.contact_status (source, contact_id, email, phone, external_customer_id, first_activity_at, last_activity_at)
        select 'main', 5000000 + n, 'user' || n || '@example.com', '38' || (1000000000 + n), 'ext' || n, now(), now() from generate_series(1, 20000) n`);
      await client.query('analyze vidhuk.contact_status');
      const plan = async (condition: string) =>
        JSON.stringify((await client.query(`explain select * from vidhuk.contact_status where ${condition}`)).rows);
      expect(await plan(`lower(email) = lower('USER7@example.com')`)).to.contain('contact_status_email');
      expect(await plan(`regexp_replace(phone, '\\D', '', 'g') = '381000000007'`)).to.contain('contact_status_phone');
      expect(await plan(`external_customer_id = 'ext7'`)).to.contain('contact_status_external_customer_id');
      expect(await plan(`source = 'main' and contact_id = 5000007`)).to.contain('contact_status_pkey');

      // The command's own statements, as the server counts them.
      const scans = async () => {
        const { rows } = await client.query<{ whole: number; indexed: number }>(
          `select seq_scan::integer as whole, idx_scan::integer as indexed from pg_stat_user_tables where relname = 'contact_status'`,
        );
        return rows[0]!;
      };
      await client.query('select pg_stat_force_next_flush(), pg_stat_clear_snapshot()');
      const before = await scans();
      for (const term of ['user7@example.com', '381000000007', 'ext7', '5000007']) expect(await ids(term)).to.have.lengthOf(1);
      const after = await until('the scans are counted', async () => {
        await client.query('select pg_stat_clear_snapshot()');
        const counted = await scans();
        return counted.indexed >= before.indexed + 4 ? counted : undefined;
      });
      expect(after.whole).to.equal(before.whole);
    } finally {
      await client.end();
    }
  });
});
