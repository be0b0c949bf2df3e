/** Compose's roles: whoever migrates owns, workers write rows, an ingress adds to the queue and reads an answer; nobody is a superuser. */
import { expect } from 'chai';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../../packages/worker/src/db/migrate.js';
import { createEmptyDatabase, runStatement } from '../../support/empty-database.js';
import { send } from '../../support/http.js';
import { ownRedis, type OwnServer } from '../../support/own-server.js';
import { rejection, until } from '../../support/poll.js';
import { endServices, startService, type Service } from '../../support/processes.js';
import { startReadyWorker } from '../../support/ready-worker.js';
import { startReceiver, type Receiver } from '../../support/receiver.js';
import { runCli } from '../../support/run-cli.js';
import { needsRedisServer } from '../../support/services/redis-server.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

const roles = ['vidhuk_owner', 'vidhuk_worker', 'vidhuk_ingress', 'vidhuk_console'];
const token = 'of-tests-of-roles';
const adminToken = 'admin-of-tests-of-roles';

describe('Roles of their own', function () {
  this.timeout(60_000);
  let database: { url: string; drop: () => Promise<void> };
  let redis: OwnServer;
  let receiver: Receiver | undefined;
  let ingress: Service;
  let worker: Service;
  let address: string;

  const as = (user: string): string => {
    const url = new URL(database.url);
    url.username = user;
    url.password = 'secret';
    return url.href;
  };
  const query = async <T extends object>(url: string, statement: string): Promise<T[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<T>(statement)).rows;
    } finally {
      await client.end();
    }
  };
  const queueOf = (user: string, password: string): string => {
    const url = new URL(redis.url);
    Object.assign(url, { username: user, password });
    return url.href;
  };

  /** What Redis says to one command of this user. */
  const tell = async (user: string, password: string, command: string): Promise<string> => {
    const socket = connect(Number(new URL(redis.url).port), '127.0.0.1').setEncoding('utf8');
    socket.write(`AUTH ${user} ${password}\r\n${command}\r\n`);
    let said = '';
    for await (const piece of socket as AsyncIterable<string>) {
      said += piece;
      if (said.split('\r\n').length > 2) break;
    }
    expect(said).to.match(/^\+OK\r\n/);
    return said.slice('+OK\r\n'.length);
  };

  before(needsRedisServer);
  before(async () => {
    // As deploy/prepare.sh writes it.
    const template = await readFile(new URL('../../../deploy/redis/users.acl', import.meta.url), 'utf8');
    const aclfile = join(await makeTemporaryDirectory(), 'users.acl');
    await writeFile(aclfile, template.replace('INGRESS_PASSWORD', 'of-ingress').replace('WORKER_PASSWORD', 'of-worker'));
    redis = await ownRedis({ aclfile });
    database = await createEmptyDatabase();
    // As deploy/postgres/roles.sql makes them.
    for (const role of roles) await runStatement(database.url, `create role ${role} login password 'secret'`);
    await runStatement(
      database.url,
      `do $$ begin create role vidhuk_support nologin; exception when duplicate_object then null; end $$`,
    );
    const name = new URL(database.url).pathname.slice(1);
    await runStatement(database.url, `alter database ${name} owner to vidhuk_owner`);
    await migrate(as('vidhuk_owner'), redis.url);
    const { url: told } = (receiver = await startReceiver());
    const config = `
sources: { main: { tokens: [${token}], workflows: { order-paid: {}, may-we-write: { answer: contact } } } }
actions:
  - { name: of-activities, when: { status: UNSUBSCRIBED }, run: http-request, with: { url: "${told}/activity", allowPrivateNetwork: true } }
  - { name: of-workflows, when: { workflow: order-paid }, run: http-request, with: { url: "${told}/workflow", allowPrivateNetwork: true } }
`;
    [worker, ingress] = await Promise.all([
      startReadyWorker({ config, databaseUrl: as('vidhuk_worker'), queueUrl: queueOf('worker', 'of-worker'), adminToken }),
      startService('ingress', {
        ...{ config, databaseUrl: '', queueUrl: queueOf('ingress', 'of-ingress'), adminToken },
        variables: { READ_DATABASE_URL: as('vidhuk_ingress') },
      }),
    ]);
    address = await ingress.address();
  });
  after(async () => {
    await endServices();
    await receiver?.close();
    await redis.stop();
    await runStatement(database.url, `reassign owned by vidhuk_owner to current_user`);
    for (const role of roles) await runStatement(database.url, `drop owned by ${role}; drop role ${role}`);
    await database.drop();
  });

  it('take a batch with a follow-up, in a month that has no partition yet, and a request of a workflow, from end to end', async () => {
    const activity = {
      activityDateTime: '2019-05-06T07:08:09',
      activityStatus: 'UNSUBSCRIBED',
      contactId: 1,
      mediaType: 'email',
      email: 'ann@example.com',
      iid: 'a',
    };
    const maxAge = { ...activity, activityDateTime: new Date().toISOString().slice(0, 19), iid: 'b' };
    const posted = await send(`${address}/webhooks/esputnik/main/${token}`, {
      method: 'POST',
      body: JSON.stringify([activity, maxAge]),
    });
    expect(posted.status, ingress.text()).to.equal(200);
    const asked = await send(`${address}/workflows/esputnik/main/order-paid/${token}`, {
      method: 'POST',
      body: JSON.stringify({ contactId: '1', workflowInstanceId: 'run-1' }),
    });
    expect(asked.status).to.equal(200);
    await until('both are told', () => new Set(receiver!.calls.map(({ path }) => path)).size === 2, { timeoutMs: 30_000 }).catch(
      (error: unknown) => Promise.reject(new Error(`${String(error)}\n${worker.text()}`)),
    );
    const [row] = await query(
      as('vidhuk_console'),
      `select (select count(*)::integer from vidhuk.activity) as activities, (select count(*)::integer from vidhuk.activity_2019_05) as may,
         (select unsubscribed from vidhuk.contact_status where contact_id = 1) as unsubscribed,
         (select count(*)::integer from vidhuk.workflow_request) as requests`,
    );
    expect(row).to.deep.equal({ activities: 2, may: 1, unsubscribed: true, requests: 1 });
    const answer = await send(`${address}/workflows/esputnik/main/may-we-write/${token}?email=ann@example.com`);
    expect(JSON.parse(answer.body)).to.deep.include({ known: true, mayWrite: { email: false } });
  });

  it('let the owner rebuild while workers go on, in tables of which everybody may do what they might before', async () => {
    const grants = `select relname, array(select unnest(relacl)::text order by 1) as acl from pg_class
      where relnamespace = 'vidhuk'::regnamespace and relkind in ('r', 'p') order by 1`;
    const before = await query(database.url, grants);
    const folder = await makeTemporaryDirectory();
    await writeFile(join(folder, 'vidhuk.yaml'), `sources: { main: { tokens: [${token}] } }\n`);
    const variables = { DATABASE_URL: as('vidhuk_owner'), QUEUE_URL: redis.url, VIDHUK_CONFIG: join(folder, 'vidhuk.yaml') };
    for (const option of ['--check', '--yes']) {
      const { code, stderr } = await runCli(variables, 'rebuild', option);
      expect([code, stderr], option).to.deep.equal([0, '']);
    }
    expect(await query(database.url, grants)).to.deep.equal(before);
  });

  it('let a worker take what is old, row by row and by whole months; where it may not drop them, it says so, and goes on with the rest', async () => {
    const folder = await makeTemporaryDirectory();
    await writeFile(join(folder, 'vidhuk.yaml'), `sources: { main: { tokens: [${token}] } }\nretention: { log: 90d }\n`);
    const retention = (...args: string[]) =>
      runCli(
        { QUEUE_URL: redis.url, VIDHUK_CONFIG: join(folder, 'vidhuk.yaml'), DATABASE_URL: as('vidhuk_worker') },
        ...['retention', ...args],
      );
    const told = /vidhuk\.activity keeps months that are due \(1\)[^]*as the owner/;
    await runStatement(as('vidhuk_owner'), 'revoke execute on function vidhuk.drop_month(text, text) from vidhuk_worker');
    const withoutRight = await retention('--now');
    expect(withoutRight.code, withoutRight.stderr).to.equal(0);
    expect(withoutRight.stdout).to.match(told).and.to.include('broken elements that were resolved');
    expect((await retention()).stdout).to.match(told);
    expect(await query(database.url, 'select from vidhuk.horizon where log_from is not null')).to.deep.equal([]);
    await runStatement(as('vidhuk_owner'), 'grant execute on function vidhuk.drop_month(text, text) to vidhuk_worker');
    const { stdout, stderr } = await retention('--now');
    expect(stdout, stderr)
      .to.match(/months of the log +1/)
      .and.not.to.match(told);
    expect(
      await query(
        database.url,
        `select to_regclass('vidhuk.activity_2019_05') as may, (select unsubscribed from vidhuk.contact_status where contact_id = 1) as unsubscribed`,
      ),
    ).to.deep.equal([{ may: null, unsubscribed: true }]);
  });

  it('let a worker drop no month that is above the horizon or not over, and no other table', async () => {
    const drop = (parent: string, table: string) =>
      query(as('vidhuk_worker'), `select vidhuk.drop_month('${parent}', '${table}')`);
    const thisMonth = new Date().toISOString().slice(0, 7).replace('-', '_');
    const kept: [parent: string, table: string, code: string][] = [
      ['activity', `activity_${thisMonth}`, '55000'],
      ['batch', `batch_${thisMonth}`, '55000'],
      ['workflow_request', `workflow_request_${thisMonth}`, '55000'],
      ['activity', 'activity_default', '42P01'],
      ['activity', `batch_${thisMonth}`, '42P01'],
      ['activity', 'contact_status', '42P01'],
      ['contact_status', 'contact_status', '42P01'],
      ['activity', 'activity_2019_06"; drop table vidhuk.batch; --', '42P01'],
    ];
    const tables = `select oid::regclass::text from pg_class where relnamespace = 'vidhuk'::regnamespace and relkind in ('r', 'p') order by 1`;
    const before = await query(database.url, tables);
    for (const [parent, table, code] of kept) expect(await rejection(drop(parent, table)), table).to.have.property('code', code);
    // Not even where somebody moved the horizon by hand, as whoever writes rows can.
    const [horizon] = await query<{ at: Date }>(database.url, 'select log_from as at from vidhuk.horizon');
    await runStatement(as('vidhuk_worker'), `update vidhuk.horizon set log_from = '2999-01-01'`);
    expect(await rejection(drop('activity', `activity_${thisMonth}`))).to.have.property('code', '55000');
    await runStatement(as('vidhuk_worker'), `update vidhuk.horizon set log_from = '${horizon?.at.toISOString()}'`);
    expect(await query(database.url, tables)).to.deep.equal(before);
  });

  it('let a worker keep nobody waiting for a month that somebody reads, whatever it sets for itself', async () => {
    await query(as('vidhuk_worker'), `select vidhuk.ensure_partition('activity', 'occurred_at', '2019-06-01')`);
    const reader = new pg.Client({ connectionString: as('vidhuk_console') });
    await reader.connect();
    await reader.query('begin; select from vidhuk.activity limit 1');
    const dropping = `set lock_timeout = 0; select vidhuk.drop_month('activity', 'activity_2019_06')`;
    const since = performance.now();
    expect(await rejection(query(as('vidhuk_worker'), dropping))).to.have.property('code', '55P03');
    expect(performance.now() - since).to.be.lessThan(2_000);
    await reader.query('commit');
    await reader.end();
    await query(as('vidhuk_worker'), dropping);
    expect(await query(database.url, `select to_regclass('vidhuk.activity_2019_06') as june`)).to.deep.equal([{ june: null }]);
  });

  it('are ready, and complain of nothing', async () => {
    for (const service of [ingress, worker]) {
      const ready = await send(`${await service.address()}/health/ready`, { headers: { Authorization: `Bearer ${adminToken}` } });
      expect(ready.status, ready.body).to.equal(200);
      expect(service.lines().filter(({ level }) => ['warn', 'error', 'fatal'].includes(String(level)))).to.deep.equal([]);
    }
  });

  it('an ingress’s user of Redis can only add: it neither finds, takes, removes nor configures anything', async () => {
    const queue = '{vidhuk}:activity-batches';
    for (const command of [
      'keys *',
      'scan 0',
      `lrange ${queue}:wait 0 -1`,
      `hgetall ${queue}:x`,
      `xrange ${queue}:events - +`,
      `rpop ${queue}:wait`,
      `lrem ${queue}:wait 0 x`,
      `del ${queue}:wait`,
      `unlink ${queue}:wait`,
      `expire ${queue}:wait 1`,
      `zrange ${queue}:delayed 0 -1`,
      'hget {vidhuk}:follow-up-of-activities:x data',
      'set elsewhere 1',
      'flushall',
      'config set appendonly no',
      'shutdown',
      'acl whoami',
      'client list',
      'monitor',
      `eval "return redis.call('del', KEYS[1])" 1 ${queue}:wait`,
    ])
      expect(await tell('ingress', 'of-ingress', command), command).to.match(/NOPERM|No permission|can't run this command/);
  });

  it('a worker’s user of Redis reaches its own keys alone, and cannot configure the server', async () => {
    for (const command of ['get elsewhere', 'flushall', 'config set appendonly no', 'shutdown', 'acl list'])
      expect(await tell('worker', 'of-worker', command), command).to.include('NOPERM');
  });

  it('none is a superuser, none but the owner makes or drops tables, and those who read write nothing', async () => {
    const able = await query(
      database.url,
      `select rolname from pg_roles where rolname like 'vidhuk%' and (rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls)`,
    );
    expect(able).to.deep.equal([]);
    const forbidden: Record<string, string[]> = {
      vidhuk_worker: [
        'create table vidhuk.mine ()',
        'create schema mine',
        'drop table vidhuk.batch',
        'truncate vidhuk.batch',
        'alter table vidhuk.batch add column mine integer',
        'delete from vidhuk.migration',
      ],
      vidhuk_console: [
        'delete from vidhuk.batch',
        'select from vidhuk.batch for update',
        `select vidhuk.ensure_partition('activity', 'occurred_at', '2015-01-01')`,
        `select vidhuk.drop_month('activity', 'activity_2015_01')`,
      ],
      vidhuk_ingress: ['select from vidhuk.batch', 'select from vidhuk.follow_up', 'delete from vidhuk.contact_status'],
    };
    for (const [role, statements] of Object.entries(forbidden))
      for (const statement of statements)
        expect(await rejection(query(as(role), statement)), `${role}: ${statement}`).to.have.property('code', '42501');
    expect(await query(as('vidhuk_console'), 'select from vidhuk.batch')).to.have.length(1);
  });
});
