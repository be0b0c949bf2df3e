import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDatabase } from '../../support/services/database.js';
import { fillDatabase } from '../../support/fill-database.js';
import { runCli } from '../../support/run-cli.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

const secret = 'a-secret-that-nobody-may-see';
const now = new Date().toISOString().slice(0, 19);
const activity = (contactId: number, activityStatus: string, more: object = {}) => ({
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
  const run = (...args: string[]) => runCli({ DATABASE_URL: database.url, VIDHUK_CONFIG: config }, 'actions', ...args);

  before(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        calls.push(body);
        response.writeHead(answer).end(text);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    config = join(await makeTemporaryDirectory(), 'vidhuk.yaml');
    await writeFile(
      config,
      `
sources: { main: { tokens: [test-token-test-token] } }
actions:
  - name: tell-crm
    when: { status: [UNSUBSCRIBED, SPAM] }
    run: http-request
    with: { url: "http://127.0.0.1:${port}/hook", secret: ${secret}, allowPrivateNetwork: true }
  - name: lost
    when: { becomes: blacklisted }
    run: log
`,
    );
    database = await createDatabase();
    const hardBounce = { hardBounce: true, statusDescription: '5.1.1' };
    await fillDatabase(database.url, [
      JSON.stringify([
        activity(1, 'UNSUBSCRIBED'),
        activity(2, 'SPAM'),
        activity(3, 'READ'),
        activity(4, 'UNDELIVERED', hardBounce),
      ]),
      JSON.stringify([activity(4, 'UNDELIVERED', { ...hardBounce, iid: 'again' })]),
    ]);
  });
  beforeEach(() => {
    calls = [];
    answer = 200;
    text = 'so it is';
  });
  after(async () => {
    server.close();
    await database.drop();
  });

  it('lists every action with its state', async () => {
    const list = (await run('list', '--json')).json() as { action: string; state: string }[];
    expect(list.map(({ action, state }) => [action, state])).to.deep.equal([
      ['tell-crm', 'enabled'],
      ['lost', 'enabled'],
    ]);
  });

  it('shows settings, and covers secrets', async () => {
    const { stdout } = await run('show', 'tell-crm');
    expect(stdout).to.contain('/hook').and.not.to.contain(secret);
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

  it('test makes one real call with the latest activity that matches, and shows it without secrets', async () => {
    const { code, stdout } = await run('test', 'tell-crm');
    expect(calls).to.have.lengthOf(1);
    expect(stdout).to.contain(calls[0]).and.to.contain('← 200').and.to.contain('so it is').and.not.to.contain(secret);
    expect(code).to.equal(0);
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
      'vidhuk: there is no action "other" in the configuration: there are tell-crm, lost\n',
    ]);
  });
});
