/** The sender's ledger against the database, through the real processes, on both stores of the queue. */
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import pg from 'pg';
import { workflowUrlOf } from '../../packages/simulator/src/index.js';
import { runSimulation } from '../../packages/simulator/src/simulation.js';
import { type Verification, verifyLedger } from '../../packages/simulator/src/verify/verify.js';
import { endServices, startService } from '../support/processes.js';
import { makeTemporaryDirectory } from '../support/services/temporary-directory.js';
import { openStores, storeKinds, type Stores } from '../support/stores.js';

const token = 'simulate-test-token';
const config = `
sources:
  main: { tokens: [${token}], workflows: { order-paid: {} } }
queue: { allowVolatile: true }
`;

for (const kind of storeKinds) {
  describe(`a simulated feed through the queue on ${kind}`, function () {
    this.timeout(240_000);
    let stores: Stores;
    let address: string;
    let folder: string;

    before(async () => {
      stores = await openStores(kind);
      folder = await makeTemporaryDirectory();
      const settings = { ...stores, config };
      const [ingress] = [await startService('ingress', settings), await startService('worker', settings)];
      address = await ingress.address();
    });
    after(async () => {
      await endServices();
      await stores.drop();
    });

    const withClient = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
      const client = new pg.Client({ connectionString: stores.databaseUrl });
      await client.connect();
      try {
        return await work(client);
      } finally {
        await client.end();
      }
    };
    const verify = (path: string, timeoutMs = 60_000): Promise<Verification> =>
      withClient((client) => verifyLedger({ path, client, timeoutMs }));
    const change = (sql: string) => withClient((client) => client.query(sql));
    const simulate = async (seed: number, hook?: string) => {
      const path = join(folder, `${seed}.ledger`);
      const url = `${address}/webhooks/esputnik/main/${token}`;
      const result = await runSimulation({
        generate: { seed, activities: 4_000, contacts: 400, broken: 0.05, batchSize: 200 },
        sender: { url, timeScale: 1000, lostAnswers: 0.2 },
        ...(hook === undefined ? {} : { workflow: { hook, url: workflowUrlOf(url, hook) } }),
        ledger: { path, source: 'main' },
      });
      return { ...result, path };
    };
    const run = async (...args: string[]) => {
      const child = spawn(process.execPath, ['packages/cli/bin/vidhuk.mjs', ...args], {
        env: {
          ...process.env,
          DATABASE_URL: stores.databaseUrl,
          QUEUE_URL: stores.queueUrl,
          VIDHUK_MAIN_TOKEN: token,
          INGRESS_PORT: new URL(address).port,
          VIDHUK_CONFIG: join(folder, 'none.yaml'),
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (output += text));
      const [code] = (await once(child, 'close')) as [number];
      return { code, output };
    };

    it('is in the database exactly once, the broken elements in quarantine, and every status follows', async () => {
      const { outcome, summary, path } = await simulate(1);
      expect(outcome).to.deep.equal({ end: 'complete' });
      expect(summary.activities).to.deep.equal({ sent: 4_000, acknowledged: 4_000 });
      expect(summary.batches.repeated, 'answers that were lost').to.be.above(0);
      const { differences, totals, equal, checked } = await verify(path);
      expect(differences).to.deep.equal([]);
      expect([totals, equal]).to.deep.equal([{}, true]);
      expect(checked.elements).to.equal(4_000);
      expect(checked.rejections).to.be.above(100);
    });

    it('is found to differ when the database was changed in any way', async () => {
      const { path } = await simulate(2);
      expect((await verify(path)).totals).to.deep.equal({});
      const own = `(select contact_id from vidhuk.contact_status where external_customer_id is not null order by updated_at desc, contact_id limit 1)`;
      await change(`delete from vidhuk.activity where (occurred_at, activity_key) in (
        select occurred_at, activity_key from vidhuk.activity a join vidhuk.batch b on b.id = a.batch_id order by b.received_at desc, a.position limit 1)`);
      await change(
        `delete from vidhuk.rejected_activity where id = (select max(id) from vidhuk.rejected_activity where raw like '%messageId%')`,
      );
      await change(`update vidhuk.contact_status set unsubscribed = not unsubscribed where contact_id = ${own}`);
      await change(
        `update vidhuk.contact_channel_status set last_activity_at = last_activity_at + interval '1 ms', address = 'x' where contact_id = ${own}`,
      );
      await change(`insert into vidhuk.contact_channel_status (source, contact_id, media_type, first_activity_at, last_activity_at)
        values ('main', ${own}, 'pigeon', now(), now())`);

      const { equal, totals, differences } = await verify(path, 1_000);
      expect(equal).to.be.false;
      expect(totals).to.include({ 'missing-activity': 1, 'missing-rejection': 1, 'unexpected-status': 1 });
      const altered = differences.flatMap((difference) => (difference.kind === 'altered-status' ? [difference.column] : []));
      expect(new Set(altered)).to.deep.equal(new Set(['unsubscribed', 'last_activity_at', 'address']));
    });

    it('has a request of each run of its workflows in the table once, and it is found where one is missing, twice there or another one', async () => {
      const { outcome, requests, path } = await simulate(3, 'order-paid');
      expect(outcome).to.deep.equal({ end: 'complete' });
      expect(requests?.sent).to.be.above(300);
      expect(requests?.acknowledged).to.equal(requests?.sent);
      const { differences, checked } = await verify(path);
      expect(differences).to.deep.equal([]);
      expect(checked.requests).to.equal(requests?.sent);
      const at = (nth: number) => `(select id from vidhuk.workflow_request order by id offset ${nth} limit 1)`;
      // An id behind all others, so that "the first" stays the first.
      await change(`insert into vidhuk.workflow_request (id, source, hook, received_at, method, query, body, workflow_instance_id)
        select 'ffffffff-ffff-4fff-bfff-ffffffffffff', source, hook, received_at, method, query, body, workflow_instance_id from vidhuk.workflow_request where id = ${at(2)}`);
      await change(`update vidhuk.workflow_request set body = 'other' where id = ${at(1)}`);
      await change(`delete from vidhuk.workflow_request where id = ${at(0)}`);
      const found = await verify(path, 1_000);
      expect(found.totals).to.include({ 'missing-request': 1, 'altered-request': 1, 'repeated-request': 1 });
    });

    // The commands do not know what the queue is on: once is enough.
    if (kind === 'redis') return;

    it('passes from one command to the other, with exit codes that say how it went', async () => {
      const path = join(folder, 'command.ledger');
      const args = [
        'simulate',
        '--activities',
        '1500',
        '--broken',
        '2%',
        '--time-scale',
        '1000',
        '--ledger',
        path,
        '--workflow',
        'order-paid',
      ];
      const first = await run(...args);
      expect(first.code, first.output).to.equal(0);
      expect(first.output)
        .to.match(/acknowledged.*1,500/)
        .and.match(/\d+ requests of the workflow block, \d+ acknowledged/)
        .and.not.include(token);
      const again = await run(...args);
      expect(again.code, again.output).to.equal(2);
      expect(again.output).to.include('exists already');

      const verified = await run('verify', '--ledger', path, '--json');
      expect(verified.code, verified.output).to.equal(0);
      expect(verified.output).to.include('"equal":true');
      const without = await run('verify', '--ledger', `${path}.none`);
      expect(without.code, without.output).to.equal(2);

      await change('update vidhuk.contact_status set unsubscribed = not unsubscribed');
      const different = await run('verify', '--ledger', path);
      expect(different.code, different.output).to.equal(1);
      expect(different.output)
        .to.match(/unsubscribed is true, should be false/)
        .and.match(/… and [\d,]+ more/);
    });
  });
}
