import { expect } from 'chai';
import pg from 'pg';
import { openBatchQueue } from '../../support/batch-queue.js';
import { until } from '../../support/poll.js';
import { endServices } from '../../support/processes.js';
import { startReadyWorker } from '../../support/ready-worker.js';
import { openStores, type Stores } from '../../support/stores.js';

const elements = 10_000;
const bodies = 6;

/** About 3.5 MB, as the vendor writes activities. */
function body(nth: number): string {
  return JSON.stringify(
    Array.from({ length: elements }, (_, index) => ({
      activityStatus: 'DELIVERED',
      activityDateTime: '2024-05-01T10:00:00',
      iid: `iid-${nth}-${index}`,
      contactId: nth * elements + index + 1,
      mediaType: 'email',
      email: `person${index}@example.com`,
      messageId: 7,
      messageName: 'a message with a name',
      messageTag: 'one, two',
      statusDescription: 'x'.repeat(100),
    })),
  );
}

describe('bodies that are large for the memory of a worker', () => {
  let stores: Stores;
  let database: pg.Pool;
  before(async () => {
    stores = await openStores('postgres');
    database = new pg.Pool({ connectionString: stores.databaseUrl, max: 1 });
  });
  after(async () => {
    await endServices();
    await database.end();
    await stores.drop();
  });

  it('wait for each other, so that it ends with none of them', async () => {
    const queue = await openBatchQueue(stores.queueUrl);
    await queue.add(Array.from({ length: bodies }, (_, nth) => body(nth)));
    const config = 'sources: { main: { tokens: [t] } }\nworker: { maxBytesInFlight: 1024 }';
    // Of an idle worker 60 MB are in use, of one that takes all of them at once more than 200.
    const worker = await startReadyWorker({ ...stores, config, variables: { NODE_OPTIONS: '--max-old-space-size=130' } });
    const done = async () =>
      Number((await database.query<{ n: string }>('select count(*) as n from vidhuk.activity')).rows[0]?.n);
    await Promise.race([
      worker.exited.then((how) => Promise.reject(new Error(`the worker ended (${how}): ${worker.text().slice(-2_000)}`))),
      until('all are written', async () => (await done()) === bodies * elements, { timeoutMs: 90_000 }),
    ]);
    await queue.close();
    expect(await worker.stop()).to.equal(0);
  }).timeout(120_000);
});
