import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PartitionsOnDemand } from '../../../packages/worker/src/db/partitions.js';
import { RequestStore } from '../../../packages/worker/src/workflow/store-requests.js';
import { silentLog } from '../../support/log-lines.js';
import { openDatabase, type TestDatabase } from '../../support/projection.js';
import { startReceiver, type Receiver } from '../../support/receiver.js';
import { runCli } from '../../support/run-cli.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';
import { requestOf } from '../../support/workflow-request.js';

interface Backtest {
  count: number;
  held: number;
  requests: { contactId: number | null; content: { n: number } }[];
}

describe('vidhuk actions, of requests of the workflow block', function () {
  this.timeout(60_000);
  let test: TestDatabase;
  let receiver: Receiver;
  let folder: string;
  const run = (...args: string[]) =>
    runCli({ DATABASE_URL: test.url, VIDHUK_CONFIG: join(folder, 'vidhuk.yaml') }, 'actions', ...args);
  const sent = () => receiver.calls.map(({ body }) => JSON.parse(body) as { type: string; request: Record<string, unknown> });

  before(async () => {
    test = await openDatabase();
    receiver = await startReceiver();
    folder = await makeTemporaryDirectory();
    const call = `run: http-request, with: { url: "${receiver.url}/", allowPrivateNetwork: true }`;
    await writeFile(
      join(folder, 'vidhuk.yaml'),
      `
sources: { main: { tokens: [t], workflows: { order-paid: {} } } }
actions:
  - { name: paid, when: { workflow: order-paid, body: { status: paid } }, ${call} }
  - { name: guarded, when: { workflow: order-paid }, maxPerContact: { count: 1, perMs: 60000 }, ${call} }
  - { name: odd, when: { workflow: order-paid, body: { "$.lines[*].sku": A } }, ${call} }
  - { name: misspelt, when: { workflow: order-payd }, ${call} }
  - { name: opt-out, when: { status: UNSUBSCRIBED }, ${call} }
`,
    );
    const store = new RequestStore(test.database, new PartitionsOnDemand(test.database), silentLog());
    const old = new Date(Date.now() - 3 * 86_400_000).toISOString();
    await store.store([
      await requestOf({
        receivedAt: old,
        id: '01900000-0000-7000-8000-000000000001',
        body: { contactId: 1, status: 'paid', n: 1 },
      }),
    ]);
    await store.store([
      await requestOf({ id: '01900000-0000-7000-8000-000000000002', body: { contactId: 1, status: 'paid', n: 2 } }),
    ]);
    await store.store([
      await requestOf({ id: '01900000-0000-7000-8000-000000000003', body: { contactId: 1, status: 'new', n: 3 } }),
    ]);
  });
  beforeEach(() => void receiver.calls.splice(0));
  after(async () => {
    await receiver.close();
    await test.drop();
  });

  it('test calls with the latest request that matches', async () => {
    const { code } = await run('test', 'paid');
    expect(code).to.equal(0);
    const [call] = sent();
    expect(call?.type).to.equal('workflow');
    expect(call?.request).to.deep.include({ hook: 'order-paid', contactId: 1, body: { contactId: 1, status: 'paid', n: 2 } });
  });

  it('test makes up a body that matches, and says where it cannot', async () => {
    expect((await run('test', 'paid', '--sample')).code).to.equal(0);
    expect(sent()[0]?.request.body).to.include({ status: 'paid' });
    const odd = await run('test', 'odd', '--sample');
    expect([odd.code, sent().length]).to.deep.equal([2, 1]);
    expect(odd.stderr).to.include('no body could be made up for these conditions, pass one with --request <file>');
    expect((await run('test', 'odd')).stderr).to.include('no request that came matches');
  });

  it('test takes the body of a request from a file, and says why it does not match', async () => {
    const file = join(folder, 'body.json');
    await writeFile(file, '{"status":"new"}');
    const { code, stderr } = await run('test', 'paid', '--request', file);
    expect([code, sent().length]).to.deep.equal([1, 0]);
    expect(stderr)
      .to.include('paid is not called for this request')
      .and.include('when.body wants "paid" at status, and it has "new"');
    expect((await run('test', 'paid', '--request', file, '--anyway')).code).to.equal(0);
    expect(sent()).to.have.length(1);
  });

  it('test takes an activity for no request, and a request for no activity', async () => {
    const file = join(folder, 'body.json');
    expect((await run('test', 'paid', '--activity', file)).stderr).to.include('"paid" waits for requests of the workflow block');
    expect((await run('test', 'opt-out', '--request', file)).stderr).to.include('"opt-out" waits for activities');
  });

  it('backtest tells which requests it would have been called for, and calls nothing', async () => {
    const all = (await run('backtest', 'paid', '--json')).json() as Backtest;
    expect(all.requests.map(({ content }) => content.n)).to.deep.equal([1, 2]);
    const latest = (await run('backtest', 'paid', '--since', '1d', '--json')).json() as Backtest;
    expect([latest.count, latest.requests[0]?.content.n]).to.deep.equal([1, 2]);
    const { stdout } = await run('backtest', 'paid');
    expect(stdout).to.match(/^paid would have been called for 2 requests since .*; nothing was called\.\n/);
    const guarded = (await run('backtest', 'guarded', '--json')).json() as Backtest;
    expect([guarded.count, guarded.held]).to.deep.equal([1, 2]);
    expect(sent()).to.deep.equal([]);
  });

  it('list warns of a hook that no source has, and of nothing else', async () => {
    const { code, stderr } = await run('list');
    expect(code).to.equal(0);
    expect(stderr.trim()).to.equal(
      '! "misspelt" may never be called: when.workflow: "order-payd": no source has such a hook under "workflows": did you mean "order-paid"?',
    );
  });
});
