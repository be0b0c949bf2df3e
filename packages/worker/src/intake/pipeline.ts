/** The worker's flow, put together: queue → consumer → group commit → projector → database. */
import {
  batchQueueName,
  ByteBudget,
  type BatchJob,
  type Configuration,
  type JobWorker,
  type Logger,
  type QueueStore,
} from '@vidhuk/shared';
import { GroupCommit } from '../db/group-commit.js';
import type { IntakeMetrics } from './intake-metrics.js';
import { openSizedWorker } from './open-sized-worker.js';
import { createBatchWork } from './process-batch.js';
import type { Batch } from '../projection/batch.js';
import type { Projector } from '../projection/projector.js';

export interface PipelineParts {
  store: QueueStore;
  projector: Projector;
  settings: Configuration['worker'];
  /** How far after its receipt an activity of this source may lie. */
  maxAheadMs: (source: string) => number;
  metrics: IntakeMetrics;
  log: Logger;
  signal: AbortSignal;
}

/** Vendor's activities have about 500 bytes. */
const bytesPerActivity = 4_096;

/**
 * In activities, for the size of a transaction: bodies travel to the database too, broken elements with them, and together they must stay far below
 * what a string of V8 (512 MiB) and a message of PostgreSQL (1 GiB) hold.
 */
export const weightOf = ({ total, body }: Pick<Batch, 'total' | 'body'>): number =>
  Math.max(total, body.length / bytesPerActivity);

/** A worker that takes batches as soon as its `run()` is called. */
export async function openPipeline({
  store,
  projector,
  settings,
  maxAheadMs,
  metrics,
  log,
  signal,
}: PipelineParts): Promise<JobWorker<BatchJob>> {
  const apply = async (batches: readonly Batch[]) => {
    const started = performance.now();
    const outcomes = await projector.project(batches);
    metrics.transactionDone(performance.now() - started);
    return outcomes;
  };
  const groups = new GroupCommit(apply, {
    sizeOf: weightOf,
    maxSize: settings.maxActivitiesPerTransaction,
    maxTransactions: settings.maxTransactions,
  });
  const budget = new ByteBudget(settings.maxBytesInFlight);
  const submit = (batch: Batch) => groups.submit(batch);
  const isApplied = (job: Pick<BatchJob, 'id' | 'receivedAt'>) => projector.isApplied(job);
  const work = createBatchWork({ submit, isApplied, budget, maxAheadMs, metrics, log, signal });
  return openSizedWorker(batchQueueName, work, { store, settings, observer: metrics, log, signal });
}
