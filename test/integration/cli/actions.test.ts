import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { createDatabase } from '../../support/services/database.js';
import { fillDatabase } from '../../support/fill-database.js';
import { runCli } from '../../support/run-cli.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

const secret = 'a-secret-that-nobody-may-see';
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 19);
const now = daysAgo(0);
/** As {@link daysAgo}, to the second. */
const daysBefore = (days: number) => new Date(Date.parse(`${now}Z`) - days * 86_400_000).toISOString().slice(0, 19);
/** Never ends, and does not listen to its signal. */
const stuck = `export default ({ defineHandler, Type }) => defineHandler({
  name: 'stuck', description: 'never ends', params: Type.Object({}), run: () => new Promise(() => undefined),
});`;
const activity = (contactId: number | null, activityStatus: string, more: object = {}) => ({
  activityStatus,
  contactId,
  mediaType: 'email',
  email: `c${contactId}@example.com`,
  activityDateTime: now,
  iid: `${contactId} ${activityStatus}`,
  ...more,
});

describe('vidhuk actions', function () {
  this.timeout(120_000);
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let server: Server;
  let calls: string[];
  let answer: number;
  let text: string;
  let config: string;
  let client: pg.Client;
  /** While the latest call was under way. */
  let openTransactions: number;
  const run = (...args: string[]) => runCli({ DATABASE_URL: database.url, VIDHUK_CONFIG: config }, 'actions', ...args);

  before(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        calls.push(body);
        const open = `select from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`;
        void client.query(open).then(({ rowCount }) => {
          openTransactions = rowCount ?? 0;
          response.writeHead(answer, { 'x-answered-by': 'crm-7', 'set-cookie': `session=${secret}` }).end(text);
        });
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    config = join(await makeTemporaryDirectory(), 'vidhuk.yaml');
    await writeFile(join(dirname(config), 'stuck.mjs'), stuck);
    await writeFile(
      config,
      `
sources: { main: { tokens: [test-token-test-token] } }
actions:
  - name: tell-crm
    when: { status: [UNSUBSCRIBED, SPAM] }
    run: http-request
    with:
      url: "http://127.0.0.1:${port}/hook?key=${secret}&shop=7"
      headers: { X-Key: ${secret}, X-Shop: seven }
      secret: ${secret}
      allowPrivateNetwork: true
  - name: lost
    when: { becomes: blacklisted }
    run: log
  - { name: guarded, when: { status: CLICKED }, run: log, maxPerContact: { count: 1, perMs: ${5 * 86_400_000} } }
  - name: rare
    when: { status: [UNSUBSCRIBED, SPAM], mediaType: viber }
    run: http-request
    with: { url: "http://127.0.0.1:${port}/hook", allowPrivateNetwork: true }
  - { name: stuck, when: {}, run: stuck, timeoutMs: 100 }
  - { name: sql, when: {}, run: postgres-function, with: { function: sleepy }, timeoutMs: 100 }
handlers: [./stuck.mjs]
`,
    );
    database = await createDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(`create function sleepy(jsonb) returns void language sql as 'select pg_sleep(4)'`);
    await client.query(`insert into vidhuk.follow_up (id, action, source, activity_key, occurred_at, state, activity)
      values (gen_random_uuid(), 'old-name', 'main', gen_random_uuid(), now(), 'waiting', '{}')`);
    const clicked = (contactId: number | null, days: number, iid = '') =>
      activity(contactId, 'CLICKED', { activityDateTime: daysBefore(days), iid: `${contactId} ${days} ${iid}` });
    const hardBounce = { hardBounce: true, statusDescription: '5.1.1' };
    // Of each batch, how many days ago it was received and planned, and what it brought.
    const guarded: [number, object[]][] = [
      [12, [clicked(7, 12)]],
      [9, [clicked(10, 9)]],
      [8, [clicked(7, 8)]],
      [4, [clicked(7, 4), clicked(8, 6), clicked(10, 4)]],
      [2, [clicked(9, 2), clicked(9, 2, 'again'), clicked(9, 2, 'again'), clicked(null, 2), clicked(null, 2, 'again')]],
      [1, [clicked(8, 1), clicked(9, 2)]],
    ];
    const base = Date.now();
    for (const [days, elements] of guarded)
      await fillDatabase(database.url, [JSON.stringify(elements)], 'main', new Date(base - days * 86_400_000));
    await client.query('update vidhuk.batch set processed_at = received_at');
    await fillDatabase(database.url, [
      JSON.stringify([
        activity(1, 'UNSUBSCRIBED'),
        activity(2, 'SPAM'),
        activity(3, 'READ'),
        activity(4, 'UNDELIVERED', hardBounce),
      ]),
      JSON.stringify([activity(4, 'UNDELIVERED', { ...hardBounce, iid: 'again' })]),
      JSON.stringify([
        activity(5, 'SPAM', { activityDateTime: daysAgo(3) }),
        activity(6, 'UNDELIVERED', { ...hardBounce, activityDateTime: daysAgo(3) }),
        activity(6, 'UNDELIVERED', { ...hardBounce, iid: 'again' }),
      ]),
    ]);
  });
  beforeEach(() => {
    calls = [];
    answer = 200;
    text = 'so it is';
  });
  after(async () => {
    server.close();
    await client.end();
    await database.drop();
  });

  it('lists every action with its state and its rows, also one that is configured no more', async () => {
    const list = (await run('list', '--json')).json() as { action: string; state: string; waiting?: number }[];
    expect(list.map(({ action, state, waiting = 0 }) => [action, state, waiting])).to.deep.equal([
      ['tell-crm', 'enabled', 0],
      ['lost', 'enabled', 0],
      ['guarded', 'enabled', 0],
      ['rare', 'enabled', 0],
      ['stuck', 'enabled', 0],
      ['sql', 'enabled', 0],
      ['old-name', 'not configured', 1],
    ]);
  });

  it('shows settings, and covers secrets, wherever they stand', async () => {
    const { stdout } = await run('show', 'tell-crm');
    for (const part of ['/hook', 'shop=7', 'seven']) expect(stdout).to.contain(part);
    expect(stdout).not.to.contain(secret);
  });

  it('backtest tells what would have been done, and calls nothing', async () => {
    const result = (await run('backtest', 'tell-crm', '--since', '1d', '--json')).json() as {
      count: number;
      activities: { contactId: number }[];
    };
    expect(result.count).to.equal(2);
    expect(result.activities.map(({ contactId }) => contactId)).to.have.members([1, 2]);
    expect(calls).to.deep.equal([]);
  });

  it('backtest counts a flag that turns once, however many activities say so', async () => {
    expect((await run('backtest', 'lost', '--since', '1d', '--json')).json()).to.include({ count: 1 });
  });

  it('backtest goes back as far as it is told, by the time at which things happened', async () => {
    const counts = async (since: string) => {
      const results = [await run('backtest', 'tell-crm', '--since', since), await run('backtest', 'lost', '--since', since)];
      return results.map(({ stdout }) => Number(/called for (\d+) activit/.exec(stdout)?.[1]));
    };
    expect(await counts('2d')).to.deep.equal([2, 1]);
    expect(await counts('7d')).to.deep.equal([3, 2]);
    expect((await run('backtest', 'tell-crm', '--since', 'yesterday')).code).to.equal(2);
  });

  it('backtest tells apart what maxPerContact would have held back, by the time at which it was planned', async () => {
    const result = (await run('backtest', 'guarded', '--since', '7d', '--json')).json() as {
      count: number;
      held: number;
      activities: { contactId: number | null }[];
    };
    // What was held 8 days ago counts for nothing 4 days ago; 5 days are over when they are; late is when it came; nobody counts the anonymous.
    expect(result.activities.map(({ contactId }) => contactId)).to.have.members([7, 8, 9, 10, null, null]);
    expect(result).to.include({ count: 6, held: 2 });
    const { stdout } = await run('backtest', 'guarded', '--since', '30d');
    expect(stdout).to.contain('called for 8 activities').and.to.contain('3 more would have been held back');
    expect((await run('backtest', 'tell-crm', '--json')).json()).to.include({ held: 0 });
  });

  it('test makes one real call with the latest activity that matches, and shows it without secrets', async () => {
    const { code, stdout } = await run('test', 'tell-crm');
    expect(calls).to.have.lengthOf(1);
    for (const part of ['POST http', calls[0]!, 'webhook-id: ', '← 200', 'x-answered-by: crm-7', 'so it is'])
      expect(stdout).to.contain(part);
    expect(stdout).not.to.contain(secret);
    expect(code).to.equal(0);
  });

  it('test holds no transaction open while it waits for an answer: the server ends those that are idle', async () => {
    await run('test', 'tell-crm');
    expect(openTransactions).to.equal(0);
  });

  it('test ends with the time of the action, whether or not its handler or its function listens', async () => {
    for (const name of ['stuck', 'sql']) {
      const started = Date.now();
      const { code, stdout } = await run('test', name);
      expect([code, stdout.includes('failed after')], name).to.deep.equal([1, true]);
      expect(Date.now() - started, name).to.be.lessThan(3_000);
    }
  });

  it('test prints what it found and nothing else; what a handler logs goes beside it', async () => {
    const file = join(await makeTemporaryDirectory(), 'activity.json');
    await writeFile(file, JSON.stringify(activity(99, 'SPAM')));
    const result = await run('test', 'lost', '--activity', file, '--anyway', '--json');
    expect(result.json()).to.include({ ok: true, error: null });
    expect(result.stderr).to.contain('"msg":"follow-up"').and.to.contain('"contactId":99');
  });

  it('test takes an activity from a file, and fails when the call does', async () => {
    const file = join(await makeTemporaryDirectory(), 'activity.json');
    await writeFile(file, JSON.stringify(activity(99, 'SPAM')));
    answer = 500;
    const { code, stdout } = await run('test', 'tell-crm', '--activity', file);
    expect(JSON.parse(calls[0]!)).to.have.nested.property('activity.contactId', 99);
    expect(stdout).to.contain('failed after');
    expect(code).to.equal(1);
  });

  it('test finds the latest that matches however many others came after it, and tells the idempotency key', async () => {
    const others = Array.from({ length: 1_200 }, (_, n) => activity(1_000 + n, 'READ'));
    await fillDatabase(database.url, [JSON.stringify(others)]);
    const { code, stdout } = await run('test', 'tell-crm');
    expect(code).to.equal(0);
    expect(stdout).to.match(/^called with (UNSUBSCRIBED|SPAM) email of contact \d+, .+ ago$/m);
    const key = /idempotency key: ([\da-f-]{36})/.exec(stdout)?.[1];
    expect(stdout).to.contain(`webhook-id: ${key}`);
    expect(JSON.parse(calls[0]!)).to.have.nested.property('activity.status').that.is.oneOf(['UNSUBSCRIBED', 'SPAM']);
  });

  it('test says where there is nothing that matches, and makes one up when asked', async () => {
    const { code, stderr } = await run('test', 'rare');
    expect(stderr).to.match(
      /no activity in the log matches, as far as it was looked through: make one up with --sample, or pass one with --activity <file>/,
    );
    expect(code).to.equal(2);
    expect(calls).to.deep.equal([]);
    const made = await run('test', 'rare', '--sample');
    expect(made.code).to.equal(0);
    const { activity: sent, contact } = JSON.parse(calls[0]!) as Record<string, Record<string, unknown>>;
    expect(sent).to.include({ status: 'UNSUBSCRIBED', mediaType: 'viber', source: 'main' });
    expect(contact).to.include({ contact_id: 999_999_999_999, unsubscribed: true, blacklisted: false, last_sent_at: null });
  });

  it('test makes no call for an activity that does not match, says why, and makes it all the same with --anyway', async () => {
    const file = join(await makeTemporaryDirectory(), 'activity.json');
    await writeFile(file, JSON.stringify(activity(99, 'READ')));
    const { code, stderr } = await run('test', 'tell-crm', '--activity', file);
    expect(stderr).to.contain('when.status wants UNSUBSCRIBED or SPAM, and it has READ').and.to.contain('--anyway');
    expect([code, calls]).to.deep.equal([1, []]);
    const { json } = await run('test', 'tell-crm', '--activity', file, '--json');
    expect(json()).to.deep.equal({ called: false, mismatches: ['when.status wants UNSUBSCRIBED or SPAM, and it has READ'] });
    const anyway = await run('test', 'tell-crm', '--activity', file, '--anyway');
    expect([anyway.code, calls.length]).to.deep.equal([0, 1]);
  });

  it('test makes no call for an activity that is older than maxAge, and says so', async () => {
    const file = join(await makeTemporaryDirectory(), 'activity.json');
    await writeFile(file, JSON.stringify(activity(99, 'READ', { activityDateTime: daysAgo(9) })));
    const young = join(dirname(file), 'vidhuk.yaml');
    await writeFile(
      young,
      'sources: { main: { tokens: [test-token-test-token] } }\nactions: [{ name: only-news, when: { maxAge: 7d }, run: log }]',
    );
    const variables = { DATABASE_URL: database.url, VIDHUK_CONFIG: young };
    const { code, stderr } = await runCli(variables, 'actions', 'test', 'only-news', '--activity', file);
    expect(stderr).to.contain('when.maxAge wants what happened within 7d, and it happened 9 days ago');
    expect([code, calls]).to.deep.equal([1, []]);
  });

  it('warns of conditions that can hardly hold: in its list, and doctor', async () => {
    const file = join(dirname(config), 'doubtful.yaml');
    await writeFile(
      file,
      `
sources: { main: { tokens: [test-token-test-token] } }
actions:
  - { name: sound, when: { status: [CLICKED, OPENED], mediaType: Web Push, source: main }, run: log }
  - { name: elsewhere, when: { source: mian }, run: log }
  - { name: new, when: { status: BLACKLISTED }, run: log }
  - { name: mail, when: { mediaType: mail }, run: log }
  - { name: never, when: { becomes: blacklisted, status: READ }, run: log }
`,
    );
    const variables = { DATABASE_URL: database.url, VIDHUK_CONFIG: file, INGRESS_PORT: '1', ADMIN_PORT: '1' };
    const expected = [
      /"elsewhere" may never be called: when\.source: "mian": there is no such source: did you mean "main"\?/,
      /"new" may never be called: when\.status: "BLACKLISTED": nobody has seen such a status .*: there are SENT, /,
      /"mail" may never be called: when\.mediaType: "mail": nobody has seen such a channel .*: did you mean "email"\?/,
      /"never" may never be called: no activity can match this condition: when\./,
    ];
    const { stderr } = await runCli(variables, 'actions', 'list');
    const { stdout } = await runCli(variables, 'doctor');
    for (const text of expected) {
      expect(stderr).to.match(text);
      expect(stdout).to.match(text);
    }
    expect(stderr + stdout).not.to.contain('"sound" may');
    // What has been seen is no surprise any more.
    await fillDatabase(database.url, [JSON.stringify([activity(77, 'BLACKLISTED')])]);
    expect((await runCli(variables, 'actions', 'list')).stderr).not.to.contain('"new" may');
  });

  it('disable and enable are seen by everybody', async () => {
    await run('disable', 'lost', '--reason', 'being moved');
    expect((await run('list')).stdout).to.contain('disabled: being moved');
    expect((await run('enable', 'lost', '--json')).json()).to.deep.equal({ action: 'lost', enabled: true });
    expect((await run('list')).stdout).not.to.contain('disabled');
  });

  it('shows what a remote server says without obeying it', async () => {
    const hostile = '\u001b[32mdone\u001b[0m\nin one line\r\u001b[2J';
    text = hostile;
    const shown = (await run('test', 'tell-crm')).stdout;
    expect(shown).to.contain(String.raw`\u001b[32mdone\u001b[0m` + '\n' + String.raw`in one line\u000d\u001b[2J`);
    answer = 400;
    expect((await run('test', 'tell-crm')).stdout)
      .to.contain('failed after')
      .and.not.to.contain('\u001b');
    await run('disable', 'lost', '--reason', hostile);
    expect((await run('list')).stdout).to.contain(String.raw`disabled: \u001b[32mdone\u001b[0m\u000ain one line`);
    await run('enable', 'lost');
  });

  it('names the actions that there are when asked for another', async () => {
    const { code, stderr } = await run('show', 'other');
    expect([code, stderr]).to.deep.equal([
      2,
      'vidhuk: there is no action "other" in the configuration: there are tell-crm, lost, guarded, rare, stuck, sql\n',
    ]);
  });
});
