/** The worker inside of the test's process, between a queue and a database of the test's choosing. */
import { Registry } from 'prom-client';
import { openQueueStore, type Configuration } from '../../packages/shared/src/index.js';
import { createDataSource } from '../../packages/worker/src/db/data-source.js';
import { PartitionsOnDemand } from '../../packages/worker/src/db/partitions.js';
import { IntakeMetrics } from '../../packages/worker/src/intake/intake-metrics.js';
import { openPipeline } from '../../packages/worker/src/intake/pipeline.js';
import { Projector } from '../../packages/worker/src/projection/projector.js';
import { Tombstones } from '../../packages/worker/src/projection/tombstones.js';
import { captureLog, type CapturedLog } from './log-lines.js';

export interface TestWorker {
  captured: CapturedLog;
  metrics: IntakeMetrics;
  close: () => Promise<void>;
}

export const usual = {
  concurrency: 8,
  databaseConnections: 4,
  maxTransactions: 2,
  maxActivitiesPerTransaction: 2_000,
  maxBytesInFlight: 64 * 2 ** 20,
  stuckAfterMs: 60_000,
  nat64: [],
  proxy: null,
};

export async function startWorker(
  urls: { databaseUrl: string; queueUrl: string },
  given: Partial<Configuration['worker']> = {},
  eraseKey?: string,
): Promise<TestWorker> {
  const settings = { ...usual, ...given };
  const captured = captureLog();
  const { log } = captured;
  const stopping = new AbortController();
  const database = createDataSource(urls.databaseUrl, { name: 'vidhuk test', poolSize: settings.databaseConnections, log });
  await database.initialize();
  const store = await openQueueStore(urls.queueUrl, (error) => log.warn({ err: error.message }, 'trouble'));
  const metrics = new IntakeMetrics(new Registry());
  const projector = new Projector(database, new PartitionsOnDemand(database), log, undefined, new Tombstones(eraseKey));
  const worker = await openPipeline({
    store,
    projector,
    settings,
    maxAheadMs: () => Infinity,
    metrics,
    log,
    signal: stopping.signal,
  });
  const ended = worker.run();
  return {
    captured,
    metrics,
    async close() {
      stopping.abort();
      await worker.close();
      await ended;
      await store.close();
      await database.destroy();
    },
  };
}
