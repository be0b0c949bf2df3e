import { expect } from 'chai';
import pg from 'pg';
import { fillDatabase } from '../../support/fill-database.js';
import { runCli } from '../../support/run-cli.js';
import { createDatabase } from '../../support/services/database.js';
import { unpublishedPayloads } from '../../support/unpublished-payloads.js';

const since = ['--since', '2026-03-10'];

/** Of other channels, days and sources. */
const mails = [
  ['2026-03-10T08:00:00', 'DELIVERED', 'ann@example.org', 41],
  ['2026-03-11T08:00:00', 'READ', 'ann@example.org', 41],
  ['2026-03-11T08:00:01', 'READ', 'bob@Example.net', 42],
].map(([activityDateTime, activityStatus, email, workflowId], nth) => ({
  activityDateTime,
  activityStatus,
  email,
  workflowId,
  workflowInstanceId: `5c0ea7d2-6b3f-11ee-b962-0242ac12000${workflowId === 41 ? 1 : 2}`,
  mediaType: 'email',
  contactId: 1_000 + nth,
  iid: `mail-${nth}`,
  messageId: 50,
  messageName: '=Sale, "Spring"',
}));

describe('vidhuk activities', function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof createDatabase>>;
  const run = (...args: string[]) => runCli({ DATABASE_URL: database.url }, 'activities', ...args);
  const data = async (...args: string[]) => (await run(...since, ...args, '--json')).json() as Record<string, unknown>;
  const iids = async (...args: string[]) =>
    ((await data('--source', 'mail', ...args)).activities as { iid: string }[]).map(({ iid }) => iid);

  before(async () => {
    database = await createDatabase();
    await fillDatabase(database.url, [JSON.stringify(unpublishedPayloads)]);
    await fillDatabase(database.url, [JSON.stringify(mails)], 'mail');
  });
  after(() => database.drop());

  it('lists the latest first, by status, channel, message id or name, workflow or run of it, time and domain', async () => {
    expect(await iids()).to.deep.equal(['mail-2', 'mail-1', 'mail-0']);
    expect(await iids('--status', 'opened,CLICKED')).to.deep.equal(['mail-2', 'mail-1']);
    expect(await iids('--media-type', 'E-mail')).to.have.lengthOf(3);
    expect(await iids('--media-type', 'unknown')).to.deep.equal([]);
    expect(await iids('--message', '50')).to.have.lengthOf(3);
    expect(await iids('--message', '=sale, "spring"')).to.have.lengthOf(3);
    expect(await iids('--message', '51')).to.deep.equal([]);
    expect(await iids('--workflow', '42')).to.deep.equal(['mail-2']);
    expect(await iids('--workflow', '5C0EA7D2-6b3f-11ee-b962-0242ac120001')).to.deep.equal(['mail-1', 'mail-0']);
    expect(await iids('--until', '2026-03-11')).to.deep.equal(['mail-0']);
    expect(await iids('--domain', '@EXAMPLE.net')).to.deep.equal(['mail-2']);
  });

  it('shows names and addresses, and the bounds under the table', async () => {
    const { stdout, code } = await run(...since, '--source', 'mail', '--limit', '2', '--until', '2026-04-01');
    expect(code).to.equal(0);
    expect(stdout).to.match(/^occurred +status +channel +contact +address +message\n/);
    expect(stdout).to.contain('bob@Example.net').and.to.contain('=Sale, "Spring"');
    expect(stdout.trimEnd().split('\n').at(-1)).to.equal(
      'the latest 2 activities, since 2026-03-10T00:00:00Z, before 2026-04-01T00:00:00Z; and more: --limit 20 shows them',
    );
  });

  it('counts by one thing or several, all of them in the total', async () => {
    expect(await data('--source', 'mail', '--count-by', 'day,status')).to.deep.include({
      counts: [
        { day: '2026-03-10', status: 'DELIVERED', count: 1 },
        { day: '2026-03-11', status: 'READ', count: 2 },
      ],
      total: 3,
      more: false,
    });
    expect(await data('--source', 'mail', '--count-by', 'domain', '--limit', '1')).to.deep.include({
      counts: [{ domain: 'example.org', count: 2 }],
      total: 3,
      more: true,
    });
    for (const by of ['source', 'media-type', 'message', 'message-name', 'workflow', 'reason', 'hour'])
      expect(await data('--count-by', by), by).to.include({ total: unpublishedPayloads.length + mails.length, more: false });
    const { stdout } = await run(...since, '--source', 'mail', '--count-by', 'status');
    expect(stdout).to.match(/^status +activities\nREAD +2\nDELIVERED +1\n\n3 activities, since 2026-03-10/);
  });

  it('tells what widgets did: views, viewers, subscriptions, clicks, conversion', async () => {
    const { widgets } = await data('--widgets', '--message', 'Spring popup');
    expect(widgets).to.deep.equal([
      {
        day: '2026-03-10',
        source: 'main',
        messageId: 700,
        messageName: 'Spring popup',
        views: 8,
        uniqueViews: 4,
        anonymousViews: 2,
        subscriptions: 3,
        clicks: 1,
        other: 1,
        conversion: 0.375,
      },
    ]);
    const { stdout } = await run(...since, '--widgets');
    expect(stdout).to.contain('37.5 %').and.to.contain('2 widgets and days, since');
  });

  it('prints CSV that a spreadsheet runs nothing of', async () => {
    const { stdout } = await run(...since, '--source', 'mail', '--csv', '--limit', '1');
    expect(stdout).to.equal(
      'time,source,status,channel,contact,address,message,name,workflow,about\n' +
        `2026-03-11T08:00:01Z,mail,READ,email,1002,bob@Example.net,50,"'=Sale, ""Spring""",42,\n`,
    );
  });

  it('exits 1 where nothing is like that, and 2 where it cannot be asked', async () => {
    const none = await run(...since, '--status', 'SPAM');
    expect([none.code, none.stderr]).to.deep.equal([1, 'No activity is like that since 2026-03-10T00:00:00Z.\n']);
    for (const args of [
      ['--since', 'yesterday'],
      ['--count-by', 'colour'],
      ['--widgets', '--count-by', 'status'],
      ['--csv', '--json'],
      [...since, '--until', '2026-03-01'],
    ])
      expect((await run(...args)).code, args.join(' ')).to.equal(2);
  });

  it('is for support, too', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const name = `desk_${process.pid}`;
    await client.query(`create role ${name} login password 'desk' in role vidhuk_support`);
    try {
      const url = new URL(database.url);
      url.username = name;
      url.password = 'desk';
      const result = await runCli({ DATABASE_URL: url.href }, 'activities', ...since, '--widgets');
      expect([result.code, result.stderr]).to.deep.equal([0, '']);
    } finally {
      await client.query(`drop role ${name}`);
      await client.end();
    }
  });

  it('gives up with a way out where the log is too long to look through in time', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query('begin; lock table vidhuk.activity in access exclusive mode');
    try {
      const { code, stderr } = await run(...since, '--timeout', '300ms');
      expect([code, stderr]).to.deep.equal([
        2,
        'vidhuk: the log is too long to look through in 0.3 s: ask for a shorter time with --since and --until, or wait longer with --timeout\n',
      ]);
    } finally {
      await client.query('rollback');
      await client.end();
    }
  });
});
