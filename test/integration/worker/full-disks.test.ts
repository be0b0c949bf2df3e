/** The disks of both stores run full, and whoever hopes that it helps restarts the workers: nothing is lost, nothing spins, and room is all that it takes. */
import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { canMakeSmallDisk, makeSmallDisk, type SmallDisk } from '../../faults/small-disk.js';
import { send } from '../../support/http.js';
import { ownPostgres, ownRedis, type OwnServer } from '../../support/own-server.js';
import { until } from '../../support/poll.js';
import { endServices, startService, type Service } from '../../support/processes.js';
import { runCli } from '../../support/run-cli.js';
import { needsRedisServer } from '../../support/services/redis-server.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

const token = 'of-tests-of-full-disks';
const config = `sources: { main: { tokens: [${token}] } }`;
const batchBytes = 100_000;

interface Finding {
  check: string;
  level: string;
  remedy?: string;
}

describe('A disk that is full', function () {
  this.timeout(480_000);
  let disks: Record<'postgres' | 'redis', SmallDisk>;
  let postgres: OwnServer;
  let redis: OwnServer;
  const servers: OwnServer[] = [];
  let worker: Service;
  let url: string;
  const acknowledged: string[] = [];

  before(needsRedisServer);
  before(async function () {
    if (!canMakeSmallDisk()) this.skip();
    disks = { postgres: await makeSmallDisk(400), redis: await makeSmallDisk(100) };
    postgres = await ownPostgres({ max_wal_size: '64MB', min_wal_size: '32MB' }, disks.postgres.path);
    redis = await ownRedis({}, disks.redis.path);
    servers.push(postgres, redis);
    const ingress = await startService('ingress', { config, databaseUrl: '', queueUrl: redis.url });
    worker = await startService('worker', settings());
    url = `${await ingress.address()}/webhooks/esputnik/main/${token}`;
  });
  after(async () => {
    await endServices();
    for (const server of servers) await server.kill();
  });

  const settings = () => ({ config, databaseUrl: postgres.url, queueUrl: redis.url });
  let made = 0;
  /** Nothing compresses it: whoever stores it needs room. */
  const post = async (): Promise<number> => {
    const iid = String(++made);
    const body = JSON.stringify([
      {
        ...{ activityDateTime: '2024-03-01T08:00:00', activityStatus: 'READ', contactId: made, mediaType: 'email', iid },
        unknown: randomBytes(batchBytes).toString('base64'),
      },
    ]);
    const { status } = await send(url, { method: 'POST', body });
    if (status === 200) acknowledged.push(iid);
    return status;
  };
  const allLogged = async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    client.on('error', () => undefined); // the query under way tells
    await client.connect();
    try {
      const { rows } = await client.query<{ iid: string }>('select iid from vidhuk.activity');
      const logged = new Set(rows.map(({ iid }) => iid));
      return acknowledged.every((iid) => logged.has(iid));
    } finally {
      await client.end();
    }
  };
  const remedies = async (): Promise<string[]> => {
    const path = join(await makeTemporaryDirectory(), 'vidhuk.yaml');
    await writeFile(path, config);
    const variables = {
      DATABASE_URL: postgres.url,
      QUEUE_URL: redis.url,
      VIDHUK_CONFIG: path,
      INGRESS_PORT: '1',
      ADMIN_PORT: '1',
    };
    const result = await runCli(variables, 'doctor', '--json');
    expect(result.code).to.equal(1);
    return (result.json() as Finding[]).filter(({ level }) => level === 'problem').map(({ remedy }) => remedy ?? '');
  };
  /** As Docker starts what has ended. */
  const startAgain = async (server: OwnServer) => {
    if (!server.isRunning()) await server.start();
  };
  const waits = ({ lines }: Service) => lines().filter(({ msg }) => msg === 'a job could not be done and waits');
  const restartWorker = async () => {
    await worker.stop();
    worker = await startService('worker', settings());
  };

  it('PostgreSQL’s: the doctor names it, workers wait at growing intervals, and drain what was acknowledged once there is room', async () => {
    expect(await post()).to.equal(200);
    await until('it is in the log', allLogged, { timeoutMs: 180_000 });
    disks.postgres.fill();
    for (let time = 0; time < 30; time++) expect(await post()).to.equal(200);
    await until('the worker waits', () => waits(worker).length > 0, { timeoutMs: 120_000 });
    expect((await remedies()).join('\n')).to.match(/its disk is full|a full disk/);
    // In the first seconds each batch in hand is tried again some times, and then seldom.
    expect(waits(worker).length).to.be.lessThan(31 * 12);
    await restartWorker();
    disks.postgres.empty();
    await startAgain(postgres);
    await until('all of it is in the log', allLogged, { timeoutMs: 180_000, everyMs: 200 });
  });

  it('Redis’s: the sender gets 503, the doctor names it, and what was acknowledged is there when it starts with room', async () => {
    await worker.stop();
    expect(await post()).to.equal(200);
    disks.redis.fill();
    await until('a batch is refused', async () => (await post()) === 503, { timeoutMs: 60_000 });
    // It ends by itself at a write that fails, and starts again on a disk that is still full.
    for (let time = 0; time < 2; time++) await startAgain(redis).catch(() => undefined);
    await until('Redis has ended', async () => (await post()) === 503 && !redis.isRunning(), { timeoutMs: 60_000 });
    expect((await remedies()).join('\n')).to.match(/a full disk/);
    worker = await startService('worker', settings());
    disks.redis.empty();
    await startAgain(redis);
    await until('the sender is answered with 200 again', async () => (await post()) === 200, { timeoutMs: 60_000 });
    await until('all of it is in the log', allLogged, { timeoutMs: 180_000, everyMs: 200 });
  });
});
