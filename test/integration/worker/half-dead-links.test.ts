/** A host that is gone without a word, a router that forgot its connections: they stay open and nothing comes through, while new ones are fine. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import pg from 'pg';
import { openBlackHole } from '../../support/black-hole.js';
import { send } from '../../support/http.js';
import { ownRedis } from '../../support/own-server.js';
import { until } from '../../support/poll.js';
import { endServices, startService } from '../../support/processes.js';
import { startReadyWorker } from '../../support/ready-worker.js';
import { needsRedisServer } from '../../support/services/redis-server.js';
import { openStores, storeKinds, type StoreKind } from '../../support/stores.js';

const config = `
sources: { main: { tokens: [of-tests-of-links] } }
queue: { allowVolatile: true, lockMs: 6000 }
`;
const links = ['worker to database', 'worker to queue', 'ingress to queue'] as const;
type LinkName = (typeof links)[number];

describe('connections that are dead for ever while new ones are fine', function () {
  this.timeout(180_000);
  this.slow(120_000);
  const runs = new Map<string, Promise<void>>();
  // All of them wait most of the time, for limits of time to run out: they do it together.
  before(function () {
    needsRedisServer.call(this);
    for (const kind of storeKinds)
      for (const link of links) {
        const run = play(kind, link);
        run.catch(() => undefined); // its own test tells
        runs.set(`${kind} ${link}`, run);
      }
  });
  after(endServices);

  for (const kind of storeKinds)
    for (const link of links)
      it(`${link}, queue on ${kind}: within two minutes all that was acknowledged is in the log, and the feed goes on`, () =>
        runs.get(`${kind} ${link}`));
});

async function play(kind: StoreKind, link: LinkName): Promise<void> {
  const stores = await openStores('postgres');
  // All runs of one kind at once: each has a queue of its own.
  const redis = kind === 'redis' ? await ownRedis() : undefined;
  const queueUrl = redis?.url ?? stores.queueUrl;
  const ways = {
    database: await openBlackHole(stores.databaseUrl),
    workerQueue: await openBlackHole(queueUrl),
    ingressQueue: await openBlackHole(queueUrl),
  };
  const ingress = await startService('ingress', { ...stores, queueUrl: ways.ingressQueue.url, config });
  const worker = await startReadyWorker({ databaseUrl: ways.database.url, queueUrl: ways.workerQueue.url, config });
  const database = new pg.Pool({ connectionString: stores.databaseUrl, max: 1 });
  const url = `${await ingress.address()}/webhooks/esputnik/main/of-tests-of-links`;
  let made = 0;
  const acknowledged: string[] = [];
  const post = async (): Promise<boolean> => {
    const iid = String(++made);
    const body = JSON.stringify([
      { activityDateTime: '2024-03-01T08:00:00', activityStatus: 'READ', contactId: made, mediaType: 'email', iid },
    ]);
    const { status } = await send(url, { method: 'POST', body });
    if (status === 200) acknowledged.push(iid);
    return status === 200;
  };
  const logged = async () => {
    const { rows } = await database.query<{ iid: string }>('select iid from vidhuk.activity');
    return new Set(rows.map(({ iid }) => iid));
  };
  const allLogged = async () => {
    const iids = await logged();
    return acknowledged.every((iid) => iids.has(iid));
  };

  for (let time = 0; time < 20; time++) await post();
  await until('they are in the log', allLogged, { timeoutMs: 60_000 });
  const ended = new AbortController();
  const feed = (async () => {
    while (!ended.signal.aborted) await post().then(() => sleep(50));
  })();
  await sleep(500);
  const buried = {
    'worker to database': ways.database,
    'worker to queue': ways.workerQueue,
    'ingress to queue': ways.ingressQueue,
  }[link];
  buried.bury();
  const since = performance.now();
  const before = acknowledged.length;
  await until('the sender is answered with 200 again', () => acknowledged.length > before + 20, { timeoutMs: 120_000 });
  ended.abort();
  await feed;
  await until('all of it is in the log', allLogged, { timeoutMs: 120_000 - (performance.now() - since), everyMs: 200 });
  expect(await worker.stop()).to.equal(0);
  expect(await ingress.stop()).to.equal(0);
  await database.end();
  for (const way of Object.values(ways)) await way.close();
  await redis?.stop();
  await stores.drop();
}
