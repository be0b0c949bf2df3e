/** One batch from the queue to the database. */
import { unpackBody, type BatchJob, type Logger } from '@vidhuk/shared';
import { parseBatch } from './activity/parse-batch.js';
import type { WorkerMetrics } from './metrics.js';
import type { Batch, BatchOutcome } from './projection/apply-batches.js';

export interface ProcessBatchParts {
  /** Applies a batch, perhaps together with others; rejects for infrastructure failures only. */
  submit: (batch: Batch) => Promise<BatchOutcome>;
  metrics: WorkerMetrics;
  log: Logger;
}

/** The work of a job of the batch queue; one log line per batch. */
export function createBatchWork({ submit, metrics, log }: ProcessBatchParts): (job: BatchJob) => Promise<void> {
  return async (job) => {
    const started = performance.now();
    const batch = await readBatch(job);
    const outcome = await submit(batch);
    const ms = Math.round(performance.now() - started);
    metrics.batchDone(batch, outcome, ms);
    const { id, source, total, receivedAt } = batch;
    const sinceReceiptMs = Date.now() - receivedAt.getTime();
    log.info({ batchId: id, source, bytes: batch.body.length, total, ...outcome, ms, sinceReceiptMs }, 'batch done');
  };
}

async function readBatch({ id, source, timeZone, receivedAt, body }: BatchJob): Promise<Batch> {
  const bytes = await unpackBody(body);
  return { id, source, receivedAt: new Date(receivedAt), body: bytes, ...parseBatch(bytes, { source, timeZone }) };
}
