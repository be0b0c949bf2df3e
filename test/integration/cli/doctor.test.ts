import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { fillDatabase } from '../../support/fill-database.js';
import { runCli } from '../../support/run-cli.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';
import { createEmptyDatabase, runStatement } from '../../support/empty-database.js';
import { openStores, storeKinds, type Stores } from '../../support/stores.js';

interface Finding {
  check: string;
  level: 'ok' | 'info' | 'warning' | 'problem';
  text: string;
  remedy?: string;
}

const closedPorts = { INGRESS_PORT: '1', ADMIN_PORT: '1' };

for (const kind of storeKinds) {
  describe(`vidhuk doctor, the queue on ${kind}`, function () {
    this.timeout(60_000);
    let stores: Stores;
    let config: string;

    before(async () => {
      stores = await openStores(kind);
      config = join(await makeTemporaryDirectory(), 'vidhuk.yaml');
      // Where there is no redis-server, tests run with one that keeps nothing.
      await writeFile(config, 'sources:\n  main: { tokens: [short] }\nqueue: { allowVolatile: true }\n');
    });
    after(() => stores.drop());

    const examine = async (variables: Record<string, string> = {}) => {
      const result = await runCli(
        { DATABASE_URL: stores.databaseUrl, QUEUE_URL: stores.queueUrl, VIDHUK_CONFIG: config, ...closedPorts, ...variables },
        'doctor',
        '--json',
      );
      return { code: result.code, findings: result.json() as Finding[] };
    };
    const of = (findings: Finding[], level: Finding['level']) =>
      findings.filter((finding) => finding.level === level).map(({ check }) => check);

    it('finds no problem where there is none, and warns of weak tokens', async () => {
      const { code, findings } = await examine({ ADMIN_TOKEN: 'admin' });
      expect(of(findings, 'problem')).to.deep.equal([]);
      const weak = findings.filter(({ check }) => check === 'tokens').map(({ text }) => text.replace(/ has .*/, ''));
      expect(weak).to.deep.equal(['source "main"', 'ADMIN_TOKEN']);
      expect(of(findings, 'ok')).to.include.members(['queue version', 'queue write', 'clocks', 'clock of the queue']);
      expect(code).to.equal(0);
    });

    it('names a broken configuration and goes on with the other checks', async () => {
      const broken = join(await makeTemporaryDirectory(), 'broken.yaml');
      await writeFile(broken, 'sources: {}\nsource: 5\n');
      const { code, findings } = await examine({ VIDHUK_CONFIG: broken });
      expect(findings.find(({ check }) => check === 'configuration')?.text).to.contain('did you mean "sources"');
      expect(of(findings, 'ok')).to.include('migrations');
      expect(code).to.equal(1);
    });

    it('says that the database is away, and what to do', async () => {
      const { code, findings } = await examine({ DATABASE_URL: 'postgres://127.0.0.1:1/none' });
      expect(findings.find(({ check }) => check === 'database')).to.include({
        level: 'problem',
        remedy: 'is it running, and is DATABASE_URL right? Where it ends by itself, its log says why: a full disk, for example',
      });
      expect(of(findings, 'ok')).to.include('queue write');
      expect(code).to.equal(1);
    });

    it('says of an empty database that it waits for the migrations, says nothing else of it, and changes nothing', async () => {
      const empty = await createEmptyDatabase();
      const { code, findings } = await examine({ DATABASE_URL: empty.url });
      expect(of(findings, 'problem')).to.deep.equal(['migrations']);
      expect(findings.filter(({ text }) => text.includes('could not be checked'))).to.deep.equal([]);
      expect(code).to.equal(1);
      const client = new pg.Client({ connectionString: empty.url });
      await client.connect();
      expect((await client.query(`select from pg_namespace where nspname in ('vidhuk', 'bullmq')`)).rowCount).to.equal(0);
      await client.end();
      await empty.drop();
    });

    it('finds a database that was not migrated', async () => {
      const client = new pg.Client({ connectionString: stores.databaseUrl });
      await client.connect();
      await client.query(`delete from vidhuk.migration where name like 'FollowUp%'`);
      const { code, findings } = await examine();
      expect(findings.find(({ check }) => check === 'migrations')).to.include({
        level: 'problem',
        remedy: 'run "vidhuk migrate"',
      });
      expect(code).to.equal(1);
      await client.query(`insert into vidhuk.migration (timestamp, name)
        values (1700000000002, 'FollowUp1700000000002'), (1700000000003, 'FollowUpId1700000000003')`);
      await client.end();
    });

    it('names actions whose follow-ups wait though nobody configures them', async () => {
      const client = new pg.Client({ connectionString: stores.databaseUrl });
      await client.connect();
      await client.query(`insert into vidhuk.follow_up (id, action, source, activity_key, occurred_at, state, activity)
        values (gen_random_uuid(), 'old-name', 'main', gen_random_uuid(), now(), 'waiting', '{}')`);
      const { code, findings } = await examine();
      const finding = findings.find(({ check, level }) => check === 'actions' && level === 'problem');
      expect(finding?.text).to.contain('1 follow-up waits for the action "old-name"');
      expect(finding?.remedy).to.contain('vidhuk follow-ups cancel --action old-name');
      expect(code).to.equal(1);
      await client.query('truncate vidhuk.follow_up');
      await client.end();
    });

    it('warns of follow-ups that are due and that nobody calls, unless their action rests', async () => {
      await runStatement(
        stores.databaseUrl,
        `insert into vidhuk.follow_up (id, action, source, activity_key, occurred_at, state, activity, created_at, next_attempt_at)
         select gen_random_uuid(), 'tell-crm', 'main', gen_random_uuid(), now(), 'waiting', '{}', now() - interval '1 day', next
         from unnest(array[null, now() - interval '11 minutes', now() + interval '1 hour']) as next`,
      );
      const file = join(await makeTemporaryDirectory(), 'vidhuk.yaml');
      const action = 'name: tell-crm, when: { status: SPAM }, run: log';
      await writeFile(file, `sources: { main: { tokens: [short] } }\nqueue: { allowVolatile: true }\nactions: [{ ${action} }]\n`);
      const looked = async () => (await examine({ VIDHUK_CONFIG: file })).findings.filter(({ check }) => check === 'actions');
      const [finding] = await looked();
      expect(finding).to.include({ level: 'warning', text: '2 follow-ups of "tell-crm" have been due for more than 10 minutes' });
      expect(finding?.remedy).to.contain('does a worker run');
      await runStatement(stores.databaseUrl, `insert into vidhuk.action_state (action, disabled_at) values ('tell-crm', now())`);
      expect((await looked()).map(({ text }) => text)).to.deep.equal(['"tell-crm" is disabled: ']);
      await runStatement(stores.databaseUrl, 'truncate vidhuk.action_state, vidhuk.follow_up');
    });

    it('warns of actions that are disabled, and says why they are', async () => {
      await runStatement(
        stores.databaseUrl,
        `insert into vidhuk.action_state (action, disabled_at, disabled_reason) values ('tell-crm', now(), '410: no more')`,
      );
      const { code, findings } = await examine();
      expect(findings.find(({ check }) => check === 'actions')).to.deep.equal({
        check: 'actions',
        level: 'warning',
        text: '"tell-crm" is disabled: 410: no more',
        remedy: '"vidhuk actions enable tell-crm" when its reason is gone',
      });
      expect(code).to.equal(0);
      await runStatement(stores.databaseUrl, 'truncate vidhuk.action_state');
    });

    it('warns of partitions of this month and of the next that are missing', async () => {
      expect((await examine()).findings.find(({ check }) => check === 'partitions')?.level).to.equal('ok');
      const now = new Date();
      const next = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1));
      const names = ['activity', 'batch', 'workflow_request'].map(
        (table) => `${table}_${next.toISOString().slice(0, 7).replace('-', '_')}`,
      );
      for (const name of names) await runStatement(stores.databaseUrl, `drop table vidhuk.${name}`);
      expect((await examine()).findings.find(({ check }) => check === 'partitions')).to.deep.include({
        level: 'warning',
        text: `missing: ${names.join(', ')}`,
      });
    });

    it('warns of a filled quarantine and of rows outside of every month', async () => {
      const odd = { activityStatus: 'READ', contactId: 1, activityDateTime: '1999-01-01T00:00:00', iid: 'a' };
      await fillDatabase(stores.databaseUrl, ['nonsense', JSON.stringify(odd)]);
      expect(of((await examine()).findings, 'warning')).to.include.members(['quarantine', 'default partitions']);
    });
  });
}
