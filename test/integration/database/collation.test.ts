import { expect } from 'chai';
import { migrate } from '../../../packages/worker/src/db/migrate.js';
import { createDataSource } from '../../../packages/worker/src/db/data-source.js';
import { applyBatches } from '../../../packages/worker/src/projection/apply-batches.js';
import { createEmptyDatabase } from '../../support/empty-database.js';
import { complete } from '../../support/arbitrary-activity.js';
import { silentLog } from '../../support/log-lines.js';
import { batchOfActivities, storedRows } from '../../support/projection.js';

/** In dictionaries "a" comes before "B", by bytes behind it. */
const [less, greater] = ['B', 'a'];

describe('A database that sorts as dictionaries do', function () {
  this.timeout(60_000);
  let empty: Awaited<ReturnType<typeof createEmptyDatabase>>;
  let database: ReturnType<typeof createDataSource>;
  before(async () => {
    empty = await createEmptyDatabase(`template template0 encoding 'UTF8' locale 'C' locale_provider icu icu_locale 'en-US'`);
    await migrate(empty.url, 'redis://nowhere');
    database = createDataSource(empty.url, { name: 'test', poolSize: 1, log: silentLog() });
    await database.initialize();
  });
  after(async () => {
    await database.destroy();
    await empty.drop();
  });

  it('decides between values of the same time by bytes all the same, in whatever order they come', async () => {
    expect(await database.query(`select 'B' > 'a' as dictionary`)).to.deep.equal([{ dictionary: true }]);
    for (const order of [
      [less, greater],
      [greater, less],
    ]) {
      const source = `from-${order.join('-').toLowerCase()}`;
      for (const text of order) {
        const told = { email: text, phone: text, externalCustomerId: text, address: text, statusDescription: text };
        const bounce = { ...told, status: 'UNDELIVERED', hardBounce: true, subscriptions: [text], iid: text };
        await applyBatches(database, [batchOfActivities(source, [complete({ ...bounce, source })])]);
      }
      const { contacts, channels } = await storedRows(database, source);
      expect(contacts[0]).to.deep.include({
        email: greater,
        phone: greater,
        external_customer_id: greater,
        subscriptions: [greater],
      });
      expect(channels[0]).to.deep.include({ address: greater, blacklist_reason: greater, former_addresses: [less] });
    }
  });
});
