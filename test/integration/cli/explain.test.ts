import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { fillDatabase } from '../../support/fill-database.js';
import { runCli } from '../../support/run-cli.js';
import { createDatabase } from '../../support/services/database.js';

const at = (minute: number): string => `2026-11-01T10:0${minute}:00`;
const of = { contactId: 7, mediaType: 'email', email: 'ann@example.com', messageId: 70 };
/** Received in this order, a day apart. */
const days: Record<string, unknown>[][] = [
  [{ ...of, activityStatus: 'DELIVERED', activityDateTime: at(1), iid: 'a' }],
  [
    {
      ...of,
      activityStatus: 'UNDELIVERED',
      hardBounce: true,
      statusDescription: '5.1.1 unknown user',
      activityDateTime: at(2),
      iid: 'b',
    },
  ],
  [{ ...of, activityStatus: 'DELIVERED', activityDateTime: at(2), iid: 'c', email: 'ann@new.example.com' }],
  [{ ...of, activityStatus: 'UNSUBSCRIBED', activityDateTime: at(3), iid: 'd' }],
];
const receivedAt = (day: number): Date => new Date(Date.UTC(2026, 10, 2 + day));

interface Row {
  scope: string;
  what: string;
  value: string | null;
  status: string | null;
  origin: string | null;
  receivedAt: string | null;
  tie: string | null;
  changes: string | null;
}

describe('vidhuk explain', function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof createDatabase>>;
  const run = (...args: string[]) => runCli({ DATABASE_URL: database.url }, ...args);
  const explained = async (): Promise<Row[]> =>
    ((await run('explain', 'ann@example.com', '--json')).json() as { explained: Row[] }[]).flatMap((each) => each.explained);

  before(async () => {
    database = await createDatabase();
    for (const [day, body] of days.entries()) await fillDatabase(database.url, [JSON.stringify(body)], 'main', receivedAt(day));
    await fillDatabase(database.url, [await readFile('test/samples/bulk.json')], 'main', receivedAt(9));
  });
  after(() => database.drop());

  const flag = async (scope: string, what: string) =>
    (await explained()).find((row) => row.scope === scope && row.what === what)!;

  it('names the activity behind a flag, by which road it came and when', async () => {
    const { value, status, origin, receivedAt: received } = await flag('email', 'blacklisted');
    expect([value, status, origin, received]).to.deep.equal(['true', 'UNDELIVERED', 'webhook', receivedAt(1).toISOString()]);
  });
  it('tells the tie that decided, and what would change the flag', async () => {
    const { tie, changes } = await flag('email', 'blacklisted');
    expect(tie).to.include('same moment').and.to.include('safe side');
    expect(changes).to.equal('a DELIVERED through this channel after 2026-11-01T10:02:00Z');
  });
  it('says of an opt-out what would end it', async () => {
    const { status, changes } = await flag('email', 'unsubscribed');
    expect(status).to.equal('UNSUBSCRIBED');
    expect(changes).to.equal('a SUBSCRIPTION_CHANGED to at least one subscription after 2026-11-01T10:03:00Z');
  });
  it('says in words, for people', async () => {
    const { code, stdout } = await run('explain', 'ann@example.com', '--channel', 'email');
    expect(code).to.equal(0);
    expect(stdout).to.match(/blacklisted: yes\n {4}rule .*nothing is sent past the blacklist/);
    expect(stdout).to.include(
      'decided by  UNDELIVERED email at 2026-11-01T10:02:00Z: 5.1.1 unknown user (message 70; received 2026-11-03T00:00:00Z by webhook)',
    );
    expect(stdout).not.to.include('Over all channels');
  });
  it('takes a contact by what the word is, as "contact" does', async () => {
    const { stdout } = await run('explain', '--id', '7', '--channel', 'email');
    expect(stdout).to.match(/^Contact 7 of main/);
    expect((await run('explain', '--phone', '7')).code).to.equal(1);
    const { code, stderr } = await run('explain');
    expect(code).to.equal(2);
    expect(stderr).to.contain('say who, in one way').and.to.contain('vidhuk explain --help');
  });
  it('is a function that support may call, and that shows nobody a body', async () => {
    const support = new pg.Client({ connectionString: database.url });
    await support.connect();
    await support.query('set role vidhuk_support');
    const { rows } = await support.query(`select scope, what, value from vidhuk.explain('main', 7) where what = 'may_write'`);
    expect(rows).to.deep.equal([{ scope: 'email', what: 'may_write', value: 'false' }]);
    await support.end();
  });
  it('says where the log does not say what the table holds', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(`update vidhuk.contact_channel_status set last_opened_at = now() where contact_id = 7`);
    expect((await run('explain', '7')).stdout).to.include('The log does not say the same of last_opened_at of email');
    await client.query(`update vidhuk.contact_channel_status set last_opened_at = null where contact_id = 7`);
    expect((await run('explain', '7')).stdout).not.to.include('does not say the same');
    await client.end();
  });
  it('exits 1 for nobody, and for a channel that the contact has not', async () => {
    expect((await run('explain', 'nobody@example.com')).code).to.equal(1);
    expect((await run('explain', '7', '--channel', 'viber')).code).to.equal(1);
  });

  describe('vidhuk contact --as-of', () => {
    const verdict = async (...args: string[]) => {
      const { stdout } = await run('contact', '7', ...args);
      return /email: (.*?)(?: \(|$)/m.exec(stdout)?.[1];
    };

    it('tells the status as it was at a time', async () => {
      expect(await verdict('--as-of', '2026-11-01T10:01:30Z')).to.equal('yes');
      expect(await verdict('--as-of', '2026-11-01T10:02:30Z')).to.equal('no, blacklisted since 2026-11-01T10:02:00Z');
    });
    it('tells what could have been known by then', async () => {
      expect(await verdict('--as-of', '2026-11-01T10:02:30Z', '--known-at', '2026-11-02T12:00:00Z')).to.equal('yes');
      expect(await verdict('--known-at', '2026-11-04T12:00:00Z')).to.equal('no, blacklisted since 2026-11-01T10:02:00Z');
    });
    it('tells the address that the contact had then', async () => {
      const { stdout } = await run('contact', '7', '--as-of', '2026-11-01T10:01:30Z');
      expect(stdout).to.include('ann@example.com').and.not.to.include('ann@new');
    });
    it('exits 1 where nothing was known by then', async () => {
      const { code, stderr } = await run('contact', '7', '--known-at', '2026-01-01T00:00:00Z');
      expect(code).to.equal(1);
      expect(stderr).to.include('by 2026-01-01T00:00:00Z');
    });
  });
});
