/** Log and projections made again from the bodies. */
import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchOf, createProjector, openDatabase, type TestDatabase } from '../../support/projection.js';
import { runCli } from '../../support/run-cli.js';

let clock = 0;
const activity = (contactId: number, activityStatus: string, more: object = {}) => ({
  activityDateTime: new Date(Date.UTC(2026, 10, 1, 10, ++clock)).toISOString().slice(0, 19),
  activityStatus,
  mediaType: 'email',
  contactId,
  email: `c${contactId}@example.com`,
  iid: `iid-${clock}`,
  ...more,
});

interface Answer {
  differences: { table: string; counts: Record<string, number>; examples: { key: object; columns: object }[] }[];
  corrected: number;
  elements: number;
}

describe('vidhuk rebuild', function () {
  this.timeout(120_000);
  let test: TestDatabase;
  let folder: string;
  const run = (...args: string[]) =>
    runCli({ DATABASE_URL: test.url, QUEUE_URL: test.url, VIDHUK_CONFIG: join(folder, 'vidhuk.yaml') }, 'rebuild', ...args);
  const check = async (...args: string[]) => (await run('--check', '--json', ...args)).json() as Answer;
  const configure = (timeZone: string) =>
    writeFile(join(folder, 'vidhuk.yaml'), `sources:\n  main: { tokens: [token-of-tests], timeZone: ${timeZone} }\n`);

  before(async () => {
    test = await openDatabase();
    folder = await mkdtemp(join(tmpdir(), 'vidhuk-rebuild-'));
    await configure('UTC');
    const { projector } = createProjector(test.database);
    const statuses = ['DELIVERED', 'READ', 'UNSUBSCRIBED', 'SENT', 'CLICKED'];
    for (let nth = 0; nth < 130; nth++)
      await projector.project([
        batchOf([
          activity((nth % 30) + 1, statuses[nth % 5]!),
          activity((nth % 7) + 1, 'UNDELIVERED', { hardBounce: nth % 3 === 0, statusDescription: `5.1.${nth}` }),
          ...(nth % 10 === 0 ? [{ contactId: 5, activityStatus: 'READ' }] : []),
        ]),
      ]);
    await projector.project([batchOf([{ ...activity(3, 'SUBSCRIPTION_CHANGED'), subscriptions: ['news'] }])]);
  });
  after(async () => {
    await test.drop();
    await rm(folder, { recursive: true });
  });

  it('finds no difference where nobody interfered, and leaves nothing behind', async () => {
    const { code, stdout } = await run('--check');
    expect(stdout).to.include('Log and statuses are what the bodies say.');
    expect(code).to.equal(0);
    expect(await test.database.query(`select to_regnamespace('vidhuk_rebuild') as left`)).to.deep.equal([{ left: null }]);
  });
  it('finds what a hand wrote into the tables, by kind and with examples, and changes nothing', async () => {
    await test.database.query(`update vidhuk.contact_channel_status set last_opened_at = now() where contact_id = 4`);
    await test.database.query(`delete from vidhuk.activity where contact_id = 9 and status = 'SENT'`);
    await test.database.query(
      `insert into vidhuk.contact_status (source, contact_id, first_activity_at, last_activity_at) values ('main', 99, now(), now())`,
    );
    const { code, stdout } = await run('--check');
    expect(code).to.equal(1);
    expect(stdout).to.match(/activity\n {2}\d+ rows? that the bodies say, and the table has not/);
    expect(stdout).to.match(/contact_status\n {2}1 row that the table has, and no body says\n.*contact_id 99/);
    expect(stdout).to.match(
      /contact_channel_status\n {2}1 row that the table has otherwise.*\n.*contact_id 4.*last_opened_at is/,
    );
    expect((await check()).differences).to.have.length(3);
  });
  it('makes the rows of one contact again, or tells what that would change', async () => {
    const only = await run('--contact', '4', '--check');
    expect([only.code, only.stdout]).to.satisfy(
      ([code, text]: [number, string]) => code === 1 && text.includes('email: last_opened_at is'),
    );
    expect((await run('--contact', '4')).stdout).to.include('email: last_opened_at was');
    expect((await run('--contact', '4', '--check')).code).to.equal(0);
    for (let contact = 1; contact <= 30; contact++)
      if (contact !== 9)
        expect((await run('--contact', String(contact), '--check')).stdout).to.include('are what its activities say');
  });
  it('puts right what differs, once somebody has said yes', async () => {
    expect((await run()).code).to.equal(1);
    const { code, stdout } = await run('--yes');
    expect([code, stdout]).to.satisfy(([code, text]: [number, string]) => code === 0 && text.includes('put right'));
    expect((await check()).differences).to.deep.equal([]);
    expect(await test.database.query(`select command from vidhuk.act order by id desc limit 1`)).to.deep.equal([
      { command: 'rebuild' },
    ]);
  });
  it('is the way back from a wrong time zone', async () => {
    await configure('Europe/Kyiv');
    expect((await check()).differences.map(({ table }) => table)).to.deep.equal([
      'activity',
      'contact_status',
      'contact_channel_status',
    ]);
    await run('--yes');
    expect((await check()).differences).to.deep.equal([]);
    const [row] = await test.database.query<{ first: Date }[]>(`select min(occurred_at) as first from vidhuk.activity`);
    expect(row?.first.toISOString()).to.equal('2026-11-01T08:01:00.000Z');
  });
  it('goes on while batches come in, and misses none of them', async () => {
    const { projector } = createProjector(test.database);
    const stop = new AbortController();
    const feed = (async () => {
      while (!stop.signal.aborted)
        await projector.project([batchOf([activity((clock % 40) + 1, 'READ')], { timeZone: 'Europe/Kyiv' })]);
    })();
    await test.database.query(`update vidhuk.contact_channel_status set last_opened_at = '2030-01-01' where contact_id = 4`);
    const rebuilt = (await run('--yes', '--json')).json() as Answer;
    stop.abort();
    await feed;
    expect(rebuilt.corrected).to.be.greaterThan(0);
    expect((await check()).differences).to.deep.equal([]);
  });
  it('takes over what the log keeps of batches whose bodies are gone, and says so', async () => {
    await test.database.query(
      `update vidhuk.batch set body = null where id = (select batch_id from vidhuk.activity where contact_id = 4 limit 1)`,
    );
    const { stdout } = await run('--check');
    expect(stdout).to.include('The bodies of 1 batch are gone').and.to.include('was taken over');
    expect(stdout).to.not.match(/^activity$/m);
  });
});
