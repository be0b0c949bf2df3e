import { expect } from 'chai';
import pg from 'pg';
import { openBatchQueue } from '../../support/batch-queue.js';
import { until } from '../../support/poll.js';
import { endServices } from '../../support/processes.js';
import { startReadyWorker } from '../../support/ready-worker.js';
import { openStores, type Stores } from '../../support/stores.js';

const actions = Array.from(
  { length: 20 },
  (_, nth) => `  - { name: act-${nth}, when: { status: SPAM }, run: log, with: { message: spam } }`,
).join('\n');
const config = `sources: { main: { tokens: [t] } }\nactions:\n${actions}`;

describe('while somebody holds a lock on the ledger of follow-ups, and all of twenty actions wait for it', () => {
  let stores: Stores;
  const clients: pg.Client[] = [];
  const connect = async () => {
    const client = new pg.Client({ connectionString: stores.databaseUrl });
    clients.push(client);
    await client.connect();
    return client;
  };
  before(async () => {
    stores = await openStores('postgres');
  });
  after(async () => {
    await endServices();
    for (const client of clients) await client.end();
    await stores.drop();
  });

  it('batches that call nobody go on: they have connections of their own', async () => {
    const worker = await startReadyWorker({ ...stores, config });
    await until('the actions run', () => worker.lines().some(({ msg }) => msg === 'actions'), { timeoutMs: 60_000 });
    const [holder, looker, queue] = [await connect(), await connect(), await openBatchQueue(stores.queueUrl)];
    await holder.query('begin; lock table vidhuk.follow_up in access exclusive mode');
    const waiting = async () => {
      const { rows } = await looker.query<{ waiting: number }>(
        `select count(*)::integer as waiting from pg_locks where not granted and relation = 'vidhuk.follow_up'::regclass`,
      );
      return (rows[0]?.waiting ?? 0) > 0;
    };
    await until('somebody waits for it', waiting, { timeoutMs: 60_000 });
    const sent = { activityDateTime: '2024-03-01T08:00:00', activityStatus: 'READ', contactId: 1, mediaType: 'email', iid: 'a' };
    await queue.add([JSON.stringify([sent])]);
    const logged = async () => (await looker.query('select from vidhuk.activity')).rowCount === 1;
    await until('it is in the log', logged, { timeoutMs: 8_000 });
    expect(await waiting()).to.equal(true);
    await holder.query('rollback');
    await queue.close();
  }).timeout(180_000);
});
