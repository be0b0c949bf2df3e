import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import pg from 'pg';
import { openQueueStore, workflowQueueName } from '../../../packages/shared/src/index.js';
import { timedId } from '../../support/batch-queue.js';
import { createEmptyDatabase } from '../../support/empty-database.js';
import { fillDatabase } from '../../support/fill-database.js';
import { runCli } from '../../support/run-cli.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';
import { openStores, storeKinds, type Stores } from '../../support/stores.js';

interface Status {
  urls: { webhook: string };
  processes: { name: string; state: string; reasons: string[] }[];
  database: { feed: { source: string; ageMs: number }[]; quarantine: { waiting: number }; actions: Record<string, unknown> };
  queue: { waiting: number; failed: number; paused: boolean };
  requestQueue: { waiting: number; failed: number; paused: boolean };
  wrong: string[];
}

for (const kind of storeKinds)
  describe(`vidhuk status, the queue on ${kind}`, function () {
    this.timeout(60_000);
    let stores: Stores;
    let server: Server;
    let ready: boolean;
    let variables: Record<string, string>;
    before(async () => {
      stores = await openStores(kind);
      server = createServer((_, response) => {
        const checks = { database: 'ok', queue: ready ? 'ok' : 'no answer' };
        response.writeHead(ready ? 200 : 503).end(JSON.stringify({ status: '', checks }));
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const port = String((server.address() as AddressInfo).port);
      const config = join(await makeTemporaryDirectory(), 'vidhuk.yaml');
      await writeFile(config, 'sources: { main: { tokens: [x] }, silent: { tokens: [y] } }\n');
      variables = {
        DATABASE_URL: stores.databaseUrl,
        QUEUE_URL: stores.queueUrl,
        VIDHUK_CONFIG: config,
        VIDHUK_MAIN_TOKEN: 'a-token',
        INGRESS_PORT: port,
        ADMIN_PORT: port,
      };
    });
    beforeEach(() => {
      ready = true;
    });
    after(async () => {
      server.close();
      await stores.drop();
    });
    const status = async (more = {}) => (await runCli({ ...variables, ...more }, 'status', '--json')).json() as Status;

    it('tells URLs, processes, feed per source, queue, quarantine and actions, and that nothing is wrong', async () => {
      await fillDatabase(stores.databaseUrl, ['nonsense'], 'main', new Date(Date.now() - 3 * 3_600_000));
      const found = await status();
      expect(found.urls.webhook).to.equal(`http://127.0.0.1:${variables.INGRESS_PORT}/webhooks/esputnik/main/x`);
      expect(found.processes.map(({ name, state }) => [name, state])).to.deep.equal([
        ['ingress', 'ready'],
        ['worker', 'ready'],
      ]);
      expect(found.database.feed.map(({ source }) => source)).to.deep.equal(['main']);
      expect(found.database.feed[0]?.ageMs).to.be.within(3 * 3_600_000 - 1_000, 3 * 3_600_000 + 60_000);
      expect(found.database.quarantine).to.deep.equal({ waiting: 1, moving: 0 });
      expect(found.database.actions).to.deep.equal({ waiting: 0, failed: 0, disabled: [], paused: [] });
      expect(found.queue).to.include({ waiting: 0, failed: 0, paused: false });
      expect(found.requestQueue).to.include({ waiting: 0, failed: 0, paused: false });
      expect(found.wrong).to.deep.equal([]);
      const { code, stdout } = await runCli(variables, 'status');
      expect(code).to.equal(0);
      expect(stdout).to.contain('main: last batch 3 hours ago').and.to.contain('silent: no batch among the latest');
      expect(stdout).to.contain('1 broken element waiting').and.to.contain('Nothing is wrong.');
      expect(stdout.split('\n').length).to.be.at.most(24);
    });

    it('tells why a process is not ready, and of actions that are disabled or paused', async () => {
      ready = false;
      const client = new pg.Client({ connectionString: stores.databaseUrl });
      await client.connect();
      await client.query(`insert into vidhuk.action_state (action, disabled_at, disabled_reason, blocked_until)
        values ('tell-crm', now(), 'answered 410', null), ('other', null, null, now() + interval '1 hour')`);
      const { code, stdout } = await runCli(variables, 'status');
      expect(code).to.equal(1);
      expect(stdout).to.contain('is not ready: queue: no answer').and.to.contain('other paused, tries again in 59 minutes');
      expect((await status()).wrong.at(-1)).to.contain('"tell-crm" is disabled (answered 410)');
      await client.query('truncate vidhuk.action_state');
      await client.end();
    });

    it('tells, as doctor does, of broken elements that may say that somebody must not be written to', async () => {
      const client = new pg.Client({ connectionString: stores.databaseUrl });
      await client.connect();
      await client.query('update vidhuk.rejected_activity set moves_flag = true');
      const { code, stdout } = await runCli(variables, 'status');
      expect(code).to.equal(1);
      expect(stdout).to.contain('1 broken element may say that somebody must not be written to');
      await client.query('update vidhuk.rejected_activity set moves_flag = false');
      await client.end();
    });

    it('tells of requests of workflows that nobody takes, and of their queue that is paused', async () => {
      const store = await openQueueStore(stores.queueUrl, () => undefined);
      const queue = await store.openQueue<object>(workflowQueueName);
      try {
        await queue.add('request', {}, { jobId: timedId(Date.now() - 120_000) });
        const { code, stdout } = await runCli(variables, 'status');
        expect(code).to.equal(1);
        expect(stdout)
          .to.match(/Queue +0 waiting/)
          .and.to.match(/of workflows: 1 waiting \(the oldest for /)
          .and.to.contain('requests of workflows wait and nobody takes them');
        await queue.pause();
        const paused = await status();
        expect(paused.queue.paused, 'that of batches').to.equal(false);
        expect(paused.wrong).to.deep.equal([
          'the queue of requests of workflows is paused: nobody takes requests of workflows until it is resumed on the dashboard',
        ]);
        await queue.resume();
        await queue.drain();
      } finally {
        await queue.close();
        await store.close();
      }
    });

    it('says what is away, and tells the rest', async () => {
      const { code, stdout } = await runCli({ ...variables, DATABASE_URL: 'postgres://127.0.0.1:1/none' }, 'status');
      expect(code).to.equal(1);
      expect(stdout)
        .to.contain('nothing listens at 127.0.0.1:1 (connection refused)')
        .and.to.contain('ingress ready')
        .and.to.match(/Queue +0 waiting/);
      const gone = await runCli({ ...variables, INGRESS_PORT: '1', ADMIN_PORT: '1' }, 'status');
      expect(gone.stdout).to.contain('neither ingress nor worker answers on this machine');
      const empty = await createEmptyDatabase();
      const unmigrated = await runCli({ ...variables, DATABASE_URL: empty.url }, 'status');
      expect(unmigrated.stdout).to.contain('run "npx vidhuk migrate"');
      await empty.drop();
    });

    if (kind === 'redis') return;
    it('reads the latest batches and follow-ups from their primary keys, however long the log is', async () => {
      const client = new pg.Client({ connectionString: stores.databaseUrl });
      await client.connect();
      const month = `to_char(now() at time zone 'UTC', 'YYYY_MM')`;
      const { rows } = await client.query<{ name: string }>(`select 'batch_' || ${month} as name`);
      const partition = rows[0]!.name;
      await client.query(`insert into vidhuk.batch (id, source, received_at, bytes, total, "new", duplicate, rejected)
        select gen_random_uuid(), 'main', now(), 0, 0, 0, 0, 0 from generate_series(1, 30000)`);
      await client.query('analyze vidhuk.batch');
      const scans = async () => {
        await client.query('select pg_stat_force_next_flush(), pg_stat_clear_snapshot()');
        const counted = await client.query<{ scans: number; indexed: number }>(
          'select seq_scan::integer as scans, idx_scan::integer as indexed from pg_stat_user_tables where relname = $1',
          [partition],
        );
        return counted.rows[0]!;
      };
      const before = await scans();
      await status();
      const after = await scans();
      expect(after.scans).to.equal(before.scans);
      expect(after.indexed).to.be.above(before.indexed);
      await client.end();
    });
  });
