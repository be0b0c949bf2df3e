/** A worker and the tombstones of its database. */
import { expect } from 'chai';
import pg from 'pg';
import { keyCheckOf, tombstoneHash } from '../../../packages/worker/src/projection/tombstones.js';
import { endServices, startService, type ServiceSettings } from '../../support/processes.js';
import { openStores, type Stores } from '../../support/stores.js';
import { until } from '../../support/poll.js';

const key = 'a-key-of-tests-that-has-more-than-32-characters';

describe('A worker whose database has tombstones', function () {
  this.timeout(120_000);
  let stores: Stores;
  const settings = (variables: Record<string, string>): ServiceSettings => ({
    ...stores,
    config: 'sources: { main: { tokens: [token-of-tests] } }\nqueue: { allowVolatile: true }\n',
    variables,
  });
  before(async () => {
    stores = await openStores('postgres');
    const client = new pg.Client({ connectionString: stores.databaseUrl });
    await client.connect();
    await client.query(`insert into vidhuk.erased (source, kind, hash, key_check) values ('main', 'contact', $1, $2)`, [
      tombstoneHash(key, 'main', 'contact', '7'),
      keyCheckOf(key),
    ]);
    await client.end();
  });
  after(async () => {
    await endServices();
    await stores.drop();
  });

  it('does not start without ERASE_KEY, nor with another one, and says so', async () => {
    for (const [variables, sentence] of [
      [{}, 'ERASE_KEY is not set'],
      [{ ERASE_KEY: 'another-key-of-tests-that-has-32-characters' }, 'ERASE_KEY is not the one'],
    ] as const) {
      const worker = await startService('worker', settings(variables));
      expect(await worker.exited, worker.text()).to.equal(78);
      expect(worker.text()).to.include(sentence);
    }
  });

  it('starts with its key', async () => {
    const worker = await startService('worker', settings({ ERASE_KEY: key }));
    await until('it is ready', () => worker.lines().some(({ msg }) => msg === 'worker ready'), { timeoutMs: 60_000 });
    expect(await worker.stop()).to.equal(0);
  });
});
