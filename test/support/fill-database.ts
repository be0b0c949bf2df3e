/** Puts bodies through parsing and projection, as the worker does. */
import { randomUUID } from 'node:crypto';
import { createLogger } from '../../packages/shared/src/index.js';
import { parseBatch } from '../../packages/worker/src/activity/parse-batch.js';
import { createDataSource } from '../../packages/worker/src/db/data-source.js';
import { applyBatches } from '../../packages/worker/src/projection/apply-batches.js';

export async function fillDatabase(
  url: string,
  bodies: readonly (Buffer | string)[],
  source = 'main',
  receivedAt = new Date(),
): Promise<void> {
  const dataSource = createDataSource(url, { name: 'test', poolSize: 1, log: createLogger('test', 'silent') });
  await dataSource.initialize();
  try {
    for (const body of bodies.map((text) => Buffer.from(text))) {
      const parsed = parseBatch(body, { source, timeZone: 'UTC' });
      await applyBatches(dataSource, [{ id: randomUUID(), source, origin: 'webhook', receivedAt, body, ...parsed }]);
    }
  } finally {
    await dataSource.destroy();
  }
}
