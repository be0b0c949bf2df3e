import { expect } from 'chai';
import { Registry } from 'prom-client';
import {
  batchQueueName,
  Lifecycle,
  openQueueStore,
  parseConfiguration,
  type BatchJob,
} from '../../../packages/shared/src/index.js';
import { openAdmin } from '../../../packages/worker/src/admin/open-admin.js';
import { createDataSource } from '../../../packages/worker/src/db/data-source.js';
import { IntakeMetrics } from '../../../packages/worker/src/intake/intake-metrics.js';
import { statusOfTests } from '../../support/configuration-status.js';
import { send } from '../../support/http.js';
import { captureLog } from '../../support/log-lines.js';
import { until } from '../../support/poll.js';
import { createDatabase } from '../../support/services/database.js';
import { openStores } from '../../support/stores.js';

describe('a worker whose database alone is away', () => {
  it('is not ready, and says that it is the database', async () => {
    const stores = await openStores('redis');
    const database = await createDatabase();
    const { log, lines } = captureLog();
    const lifecycle = new Lifecycle();
    try {
      const dataSource = createDataSource(database.url, { name: 'test', poolSize: 1, log });
      await dataSource.initialize();
      lifecycle.onClose('database', () => dataSource.destroy());
      const store = await openQueueStore(stores.queueUrl, () => undefined);
      lifecycle.onClose('store', () => store.close());
      const queue = await store.openQueue<BatchJob>(batchQueueName);
      lifecycle.onClose('queue', () => queue.close());
      const registry = new Registry();
      const progress = new IntakeMetrics(registry);
      const config = parseConfiguration(
        'sources: { main: { tokens: [t] } }\nqueue: { allowVolatile: true }\n',
        'vidhuk.yaml',
        {},
      );
      const parts = { dataSource, store, queue, progress, registry, configuration: statusOfTests, log };
      await openAdmin(parts, config, { host: '127.0.0.1', port: 0, token: 'admin-token' }, lifecycle);
      const port = Number(lines().find(({ msg }) => msg === 'listening')?.port);
      const ready = async () => {
        const { status, body } = await send(`http://127.0.0.1:${port}/health/ready`);
        return { status, checks: (JSON.parse(body) as { checks: Record<string, string> }).checks };
      };
      const well = { database: 'ok', queue: 'ok', progress: 'ok' };
      expect(await ready()).to.deep.equal({ status: 200, checks: well });
      await database.drop();
      // A result is shared for a second.
      const { checks } = await until('it is not ready', async () => {
        const answer = await ready();
        return answer.status === 503 ? answer : undefined;
      });
      expect(checks).to.include({ queue: 'ok', progress: 'ok' });
      expect(checks.database).to.not.equal('ok');
    } finally {
      await lifecycle.close(log, 5_000);
      await stores.drop();
    }
  });
});
