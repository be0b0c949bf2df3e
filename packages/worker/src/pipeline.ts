/** The worker's flow, put together: queue → consumer → group commit → projector → database. */
import { batchQueueName, type BatchJob, type Configuration, type JobWorker, type Logger, type QueueStore } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { createConsumer } from './consumer.js';
import { PartitionsOnDemand } from './db/partitions.js';
import type { WorkerMetrics } from './metrics.js';
import { GroupCommit } from './group-commit.js';
import type { Batch } from './projection/apply-batches.js';
import { Projector } from './projection/projector.js';

export interface PipelineParts {
  store: QueueStore;
  dataSource: DataSource;
  settings: Configuration['worker'];
  metrics: WorkerMetrics;
  log: Logger;
  signal: AbortSignal;
}

/** A worker that takes batches as soon as its `run()` is called. */
export function openPipeline({ store, dataSource, settings, metrics, log, signal }: PipelineParts): Promise<JobWorker<BatchJob>> {
  const projector = new Projector(dataSource, new PartitionsOnDemand(dataSource), log);
  const groups = new GroupCommit((batches: readonly Batch[]) => projector.project(batches), {
    sizeOf: (batch) => batch.activities.length,
    maxSize: settings.maxActivitiesPerTransaction,
    maxTransactions: settings.maxTransactions,
  });
  const consumer = createConsumer({ submit: (batch) => groups.submit(batch), metrics, log, signal });
  return store.openWorker(batchQueueName, consumer, { concurrency: settings.concurrency });
}
