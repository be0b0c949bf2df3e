import { expect } from 'chai';
import pg from 'pg';
import { openBatchQueue, type BatchQueue } from '../../support/batch-queue.js';
import { until } from '../../support/poll.js';
import { endServices, type Service } from '../../support/processes.js';
import { startReadyWorker } from '../../support/ready-worker.js';
import { openStores, storeKinds, type StoreKind, type Stores } from '../../support/stores.js';

/** The others wait for it to run out; long enough that a worker which lives renews it on a busy machine. */
const lockMs = 6_000;
const config = `
sources: { main: { tokens: [t] } }
queue: { allowVolatile: true, lockMs: ${lockMs} }
worker: { concurrency: 4, maxActivitiesPerTransaction: 20 }
`;
const batches = 300;
const elementsOf = (batch: number) =>
  Array.from({ length: 20 }, (_, n) => ({
    activityDateTime: `2024-03-01T08:00:${10 + (batch % 50)}`,
    activityStatus: ['DELIVERED', 'READ', 'UNSUBSCRIBED'][n % 3],
    mediaType: 'email',
    contactId: n,
    email: `${batch}@example.com`,
    iid: `${batch} ${n}`,
  }));

/** One worker is killed and one is frozen in the middle of their batches; a third goes on. Then the frozen one wakes, and works alone. */
class Scenario {
  private constructor(
    readonly stores: Stores,
    readonly queue: BatchQueue,
    readonly database: pg.Pool,
  ) {}

  static async start(kind: StoreKind): Promise<Scenario> {
    const stores = await openStores(kind);
    return new Scenario(
      stores,
      await openBatchQueue(stores.queueUrl),
      new pg.Pool({ connectionString: stores.databaseUrl, max: 1 }),
    );
  }

  async count(what: string): Promise<number> {
    const { rows } = await this.database.query<{ count: string }>(`select count(*) as count from ${what}`);
    return Number(rows[0]?.count);
  }

  async until(done: number, timeoutMs = 150_000): Promise<void> {
    await until(`${done} batches are done`, async () => (await this.count('vidhuk.batch')) >= done, { timeoutMs, everyMs: 20 });
  }

  /** All rows but those of the log, as text. */
  async state(): Promise<string[]> {
    const { rows } = await this.database.query<{ row: string }>(`
      select 'contact ' || row_to_json(c) as row from vidhuk.contact_status c
      union all select 'channel ' || row_to_json(c) from vidhuk.contact_channel_status c
      union all select 'batch ' || row_to_json(b) from vidhuk.batch b
      order by 1`);
    return rows.map(({ row }) => row);
  }

  worker(): Promise<Service> {
    return startReadyWorker({ ...this.stores, config });
  }

  async close(): Promise<void> {
    await this.queue.close();
    await this.database.end();
    await this.stores.drop();
  }
}

describe('Workers that die and workers that stand still', function () {
  this.timeout(240_000);
  this.slow(120_000);
  const scenarios = new Map<StoreKind, Promise<void>>();
  // Both wait most of the time, for locks to run out: they do it together.
  before(() => {
    for (const kind of storeKinds) {
      const scenario = play(kind);
      scenario.catch(() => undefined); // its own test tells
      scenarios.set(kind, scenario);
    }
  });
  after(endServices);

  for (const kind of storeKinds)
    it(`cost nothing: another one finishes, and one that wakes again changes nothing and works on (queue on ${kind})`, () =>
      scenarios.get(kind));
});

async function play(kind: StoreKind): Promise<void> {
  const scenario = await Scenario.start(kind);
  const [killed, frozen] = [await scenario.worker(), await scenario.worker()];
  await scenario.queue.add(Array.from({ length: batches }, (_, batch) => elementsOf(batch)));
  for (const worker of [killed, frozen])
    await until('it has done a batch', () => worker.text().includes('batch done'), { timeoutMs: 60_000 });
  killed.signal('SIGKILL');
  frozen.signal('SIGSTOP');
  const other = await scenario.worker();
  await scenario.until(batches);
  await until('the queue is empty', async () => Object.values(await scenario.queue.counts()).every((jobs) => jobs === 0), {
    timeoutMs: 60_000,
  });
  const before = await scenario.state();
  expect(await scenario.count('vidhuk.activity')).to.equal(20 * batches);
  expect(await scenario.count('vidhuk.rejected_activity')).to.equal(0);

  expect(await other.stop()).to.equal(0);
  frozen.signal('SIGCONT');
  await scenario.queue.add(['[]']);
  await scenario.until(batches + 1);
  await scenario.database.query('delete from vidhuk.batch where total = 0');
  const after = await scenario.state();
  const only = (rows: readonly string[], others: readonly string[]) => rows.filter((row) => !others.includes(row));
  expect(only(after, before).join('\n'), 'rows that appeared').to.equal('');
  expect(only(before, after).join('\n'), 'rows that are gone').to.equal('');
  expect(await frozen.stop()).to.equal(0);
  await scenario.close();
}
