/** One batch from the queue to the database. */
import { unpackBody, type BatchJob, type ByteBudget, type Logger } from '@vidhuk/shared';
import { parseBatchInTurns } from '../activity/parse-batch.js';
import type { IntakeMetrics } from './intake-metrics.js';
import type { Batch, BatchOutcome } from '../projection/batch.js';
import { mostBytesInOneGo } from '../projection/prepare-rows.js';

export interface ProcessBatchParts {
  /** Applies a batch, perhaps together with others; rejects for infrastructure failures only. */
  submit: (batch: Batch) => Promise<BatchOutcome>;
  /** Whether an earlier run of this job has come to its end in the database. */
  isApplied: (job: Pick<BatchJob, 'id' | 'receivedAt'>) => Promise<boolean>;
  /** Bodies in work at once: parsed, one takes about ten times its bytes. */
  budget: ByteBudget;
  /** How far after its receipt an activity of this source may lie. */
  maxAheadMs: (source: string) => number;
  metrics: IntakeMetrics;
  log: Logger;
  /** Aborts when the process stops: what has not begun is rejected, and goes back to the queue. */
  signal: AbortSignal;
}

/** The work of a job of the batch queue; one log line per batch. */
export function createBatchWork({
  submit,
  isApplied,
  budget,
  maxAheadMs,
  metrics,
  log,
  signal,
}: ProcessBatchParts): (job: BatchJob) => Promise<void> {
  return async (job) => {
    const release = await budget.take(job.bytes, Number.POSITIVE_INFINITY);
    try {
      signal.throwIfAborted();
      // One that waits for its turn may do so for longer than its lock holds, and then another worker has it too: that one looks first, instead of doing
      // it all again and losing the lock in its turn. For small ones that would cost more than it saves. What is put through once more from what was kept
      // is meant to be done again.
      if (job.bytes > mostBytesInOneGo && job.kept !== true && (await isApplied(job))) {
        log.info({ batchId: job.id, source: job.source, bytes: job.bytes }, 'batch was done before');
        return;
      }
      const started = performance.now();
      const batch = await readBatch(job, maxAheadMs(job.source));
      const outcome = await submit(batch);
      const ms = Math.round(performance.now() - started);
      metrics.batchDone(batch, outcome, ms);
      const { id, source, total, receivedAt } = batch;
      const sinceReceiptMs = Date.now() - receivedAt.getTime();
      log.info(
        { batchId: id, source, origin: batch.origin, bytes: batch.body.length, total, ...outcome, ms, sinceReceiptMs },
        'batch done',
      );
    } finally {
      release?.();
    }
  };
}

/** The job carries the time zone of its receipt. */
async function readBatch(job: BatchJob, maxAheadMs: number): Promise<Batch> {
  const { id, source, origin = 'webhook', timeZone, kept: stubs = false } = job;
  const body = await unpackBody(job);
  const receivedAt = new Date(job.receivedAt);
  const parsed = await parseBatchInTurns(body, { source, timeZone, latest: receivedAt.getTime() + maxAheadMs, stubs });
  return { id, source, origin, receivedAt, body, ...parsed };
}
