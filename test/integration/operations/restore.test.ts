/** Last night's copy of one store under the other one as it is now, and the other way round; on PostgreSQL as queue also both together. */
import { expect } from 'chai';
import { cp, rm } from 'node:fs/promises';
import pg from 'pg';
import { Registry } from 'prom-client';
import { openQueueStore } from '../../../packages/shared/src/index.js';
import { createDataSource } from '../../../packages/worker/src/db/data-source.js';
import { PartitionsOnDemand } from '../../../packages/worker/src/db/partitions.js';
import { FollowUpMetrics } from '../../../packages/worker/src/follow-up/follow-up-metrics.js';
import { FollowUps } from '../../../packages/worker/src/follow-up/follow-ups.js';
import { createGuardedHttp } from '../../../packages/worker/src/handlers/guarded-http.js';
import { IntakeMetrics } from '../../../packages/worker/src/intake/intake-metrics.js';
import { openPipeline } from '../../../packages/worker/src/intake/pipeline.js';
import { Projector } from '../../../packages/worker/src/projection/projector.js';
import { openBatchQueue } from '../../support/batch-queue.js';
import { actionOf, handlerOf } from '../../support/follow-up/actions.js';
import { silentLog } from '../../support/log-lines.js';
import { ownRedis } from '../../support/own-server.js';
import { until } from '../../support/poll.js';
import { createDatabase } from '../../support/services/database.js';
import { postgresUrl } from '../../support/services/postgres.js';
import { needsRedisServer } from '../../support/services/redis-server.js';
import { storeKinds } from '../../support/stores.js';
import { usual } from '../../support/worker.js';

interface Urls {
  databaseUrl: string;
  queueUrl: string;
}

/** A copy of a database, under another name; nobody may be connected to it. */
async function copyOf(url: string): Promise<string> {
  const name = new URL(url).pathname.slice(1);
  const copy = `${name}_${++copies}`;
  const client = new pg.Client({ connectionString: await postgresUrl() });
  await client.connect();
  await client.query(`create database ${copy} template ${name}`);
  await client.end();
  made.push(copy);
  const of = new URL(url);
  of.pathname = copy;
  return of.href;
}
let copies = 0;
const made: string[] = [];

/** A store of jobs that can be copied while nobody uses it, and put back. */
interface QueueHome {
  url: string;
  /** Gives the function that puts the copy in its place. */
  copy: () => Promise<() => Promise<void>>;
  drop: () => Promise<void>;
}

async function openHome(kind: (typeof storeKinds)[number]): Promise<QueueHome> {
  if (kind === 'postgres') {
    const { url, drop } = await createDatabase();
    const home: QueueHome = {
      url,
      async copy() {
        const night = await copyOf(home.url);
        return () => Promise.resolve(void (home.url = night));
      },
      drop,
    };
    return home;
  }
  const redis = await ownRedis();
  const files = `${redis.dataDir}/appendonlydir`;
  return {
    url: redis.url,
    async copy() {
      await redis.stop();
      await cp(files, `${redis.dataDir}/night`, { recursive: true });
      await redis.start();
      return async () => {
        await redis.stop();
        await rm(files, { recursive: true });
        await cp(`${redis.dataDir}/night`, files, { recursive: true });
        await redis.start();
      };
    },
    drop: () => redis.stop(),
  };
}

/** What the receiver saw: by iid, the keys under which it was called. */
const calls = new Map<string, string[]>();
const action = actionOf(
  { name: 'crm' },
  handlerOf((activities, { idempotencyKey }) => {
    for (const { iid } of activities) calls.set(iid ?? '', [...(calls.get(iid ?? '') ?? []), idempotencyKey]);
  }),
);

/** A worker with its action; `calling: false`: what it plans waits. */
async function open({ databaseUrl, queueUrl }: Urls, calling = true) {
  const log = silentLog();
  const stopping = new AbortController();
  const dataSource = createDataSource(databaseUrl, { name: 'test worker', poolSize: 12, log });
  await dataSource.initialize();
  const store = await openQueueStore(queueUrl, () => undefined);
  const http = createGuardedHttp();
  const settings = { ...usual, databaseConnections: 12 };
  const metrics = new FollowUpMetrics(new Registry(), dataSource);
  const parts = { store, dataSource, http, metrics, log, stop: () => undefined, settings };
  const followUps = new FollowUps({ ...parts, pace: { pollMs: 50 }, finishMs: 5_000 });
  if (calling) await followUps.run([action]);
  const projector = new Projector(dataSource, new PartitionsOnDemand(dataSource), log, followUps.plannerFor([action]));
  const intake = new IntakeMetrics(new Registry());
  const pipeline = { store, projector, settings, maxAheadMs: () => Infinity, metrics: intake, log, signal: stopping.signal };
  const worker = await openPipeline(pipeline);
  const ended = worker.run();
  return async () => {
    stopping.abort();
    await worker.close();
    await ended;
    await followUps.stop();
    await http.close();
    await store.close();
    await dataSource.destroy();
  };
}

const seconds = (): string => new Date(Date.now() - 60_000).toISOString().slice(0, 19);
/** Two batches of two activities, each time the same ones. */
const time = seconds();
const bodies = (name: string) =>
  [1, 2].map((batch) =>
    [1, 2].map((at) => ({
      activityDateTime: time,
      activityStatus: 'READ',
      mediaType: 'email',
      contactId: batch * 10 + at,
      iid: `${name}-${batch}-${at}`,
    })),
  );

async function acknowledge({ queueUrl }: Urls, ...names: string[]): Promise<void> {
  const queue = await openBatchQueue(queueUrl);
  await queue.add(names.flatMap(bodies));
  await queue.close();
}

/** Runs a worker until the queue is empty and, where it calls, all is done. */
async function work(urls: Urls, calling = true): Promise<void> {
  const close = await open(urls, calling);
  const queue = await openBatchQueue(urls.queueUrl);
  await until(
    'all is done',
    async () => {
      const { waiting, active, delayed } = await queue.counts();
      const [row] = await query<{ open: number }>(
        urls,
        `select count(*)::integer as open from vidhuk.follow_up where state in ('waiting', 'queued')`,
      );
      return waiting === 0 && active === 0 && delayed === 0 && (!calling || row?.open === 0);
    },
    { timeoutMs: 30_000 },
  );
  await queue.close();
  await close();
}

async function query<Row>({ databaseUrl }: Urls, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(sql)).rows as Row[];
  } finally {
    await client.end();
  }
}

/** The names of bodies of which the log has all four activities, once each. */
async function logged(urls: Urls): Promise<string[]> {
  const rows = await query<{ name: string; count: number }>(
    urls,
    `select split_part(iid, '-', 1) as name, count(*)::integer as count from vidhuk.activity group by 1 order by 1`,
  );
  expect(
    rows.every(({ count }) => count === 4),
    JSON.stringify(rows),
  ).to.equal(true);
  return rows.map(({ name }) => name);
}

const keysOf = (name: string) => [...calls].filter(([iid]) => iid.startsWith(`${name}-`)).map(([, keys]) => keys);
const expectOneKeyEach = () => {
  for (const [iid, keys] of calls) expect(new Set(keys).size, iid).to.equal(1);
};

for (const kind of storeKinds)
  describe(`A restored backup, the queue on ${kind}`, function () {
    this.timeout(120_000);
    let home: QueueHome;
    let database: { url: string; drop: () => Promise<void> };
    const urls = (): Urls => ({ databaseUrl: database.url, queueUrl: home.url });
    if (kind === 'redis') before(needsRedisServer);
    beforeEach(async () => {
      calls.clear();
      home = await openHome(kind);
      database = await createDatabase();
    });
    afterEach(async () => {
      await home.drop();
      await database.drop();
      const client = new pg.Client({ connectionString: await postgresUrl() });
      await client.connect();
      for (const copy of made.splice(0)) await client.query(`drop database if exists ${copy} with (force)`);
      await client.end();
    });

    it('of the database, older than the queue: what waits comes in, what was done since comes back when it is sent again, under its old keys', async () => {
      await acknowledge(urls(), 'evening');
      await work(urls());
      const night = await copyOf(database.url);
      await acknowledge(urls(), 'morning');
      await work(urls());
      await acknowledge(urls(), 'noon');
      // The database is lost, the queue is not.
      const restored = { ...urls(), databaseUrl: night };
      await work(restored);
      expect(await logged(restored)).to.deep.equal(['evening', 'noon']);
      // From a copy of the bodies, by reconciling, or by the sender: the same batches through the same door.
      await acknowledge(restored, 'morning');
      await work(restored);
      expect(await logged(restored)).to.deep.equal(['evening', 'morning', 'noon']);
      expect(keysOf('morning').map(({ length }) => length)).to.deep.equal([2, 2, 2, 2]);
      expect(keysOf('evening').map(({ length }) => length)).to.deep.equal([1, 1, 1, 1]);
      expectOneKeyEach();
    });

    it('of the queue, older than the database: nothing is doubled, nothing of the database is lost, what the queue carried is carried again', async () => {
      await acknowledge(urls(), 'evening');
      await work(urls());
      await acknowledge(urls(), 'night');
      const putBack = await home.copy();
      await work(urls());
      await acknowledge(urls(), 'morning');
      await work(urls());
      await acknowledge(urls(), 'noon');
      await work(urls(), false); // planned, and called by nobody yet
      await putBack();
      await work(urls());
      expect(await logged(urls())).to.deep.equal(['evening', 'morning', 'night', 'noon']);
      for (const name of ['evening', 'night', 'morning', 'noon'])
        expect(
          keysOf(name).map(({ length }) => length),
          name,
        ).to.deep.equal([1, 1, 1, 1]);
      expectOneKeyEach();
    });

    if (kind === 'postgres')
      it('of both, which are one: what was in the queue then comes in again, and is called again under its old keys; a disabled action holds it back', async () => {
        const together = { databaseUrl: database.url, queueUrl: database.url };
        await acknowledge(together, 'night');
        const night = await copyOf(database.url);
        await work(together);
        const restored = { databaseUrl: night, queueUrl: night };
        await query(restored, `insert into vidhuk.action_state (action, disabled_at) values ('crm', now())`);
        await work(restored, false);
        const close = await open(restored);
        expect(await logged(restored)).to.deep.equal(['night']);
        expect(await query(restored, 'select distinct state from vidhuk.follow_up')).to.deep.equal([{ state: 'waiting' }]);
        expect(keysOf('night').map(({ length }) => length)).to.deep.equal([1, 1, 1, 1]);
        await close();
        await query(restored, 'delete from vidhuk.action_state');
        await work(restored);
        expect(keysOf('night').map(({ length }) => length)).to.deep.equal([2, 2, 2, 2]);
        expectOneKeyEach();
      });
  });
