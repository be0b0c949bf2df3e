/** Takes batches from the queue and answers it: the only place where an outcome becomes something that the queue understands. */
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs, messageOf, unpackBody, type BatchJob, type JobProcessor, type Logger } from '@vidhuk/shared';
import { WaitingError } from 'bullmq';
import { parseBatch } from './activity/parse-batch.js';
import type { WorkerMetrics } from './metrics.js';
import type { Batch, BatchOutcome } from './projection/apply-batches.js';

export interface ConsumerParts {
  /** Applies a batch; rejects for infrastructure failures only. */
  submit: (batch: Batch) => Promise<BatchOutcome>;
  metrics: WorkerMetrics;
  log: Logger;
  /** Aborted when the process stops: batches that wait for the database go back to the queue. */
  signal: AbortSignal;
}

/**
 * Done → completed. The database away → the batch stays with this worker and is tried again until it succeeds (its lock is renewed meanwhile), so
 * that an outage moves nothing about in the queue; when the process stops it goes back to waiting, for another worker. No outcome is a failure
 * for good.
 */
export function createConsumer({ submit, metrics, log, signal }: ConsumerParts): JobProcessor<BatchJob> {
  return async (job, token) => {
    metrics.batchTaken();
    try {
      const started = performance.now();
      const batch = await readBatch(job.data);
      const outcome = await submitUntilDone(batch);
      if (outcome === 'stopping') {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      const ms = Math.round(performance.now() - started);
      metrics.batchDone(batch, outcome, ms);
      const { id, source, total, receivedAt } = batch;
      log.info(
        {
          batchId: id,
          source,
          bytes: batch.body.length,
          total,
          ...outcome,
          ms,
          sinceReceiptMs: Date.now() - receivedAt.getTime(),
        },
        'batch done',
      );
    } finally {
      metrics.batchLeft();
    }
  };

  async function submitUntilDone(batch: Batch): Promise<BatchOutcome | 'stopping'> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await submit(batch);
      } catch (error) {
        const waitMs = backoffMs(attempt);
        metrics.batchRetried();
        log.warn({ batchId: batch.id, attempt, waitMs, err: messageOf(error) }, 'the batch could not be written and waits');
        await sleep(waitMs, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return 'stopping';
      }
    }
  }
}

async function readBatch({ id, source, timeZone, receivedAt, body }: BatchJob): Promise<Batch> {
  const bytes = await unpackBody(body);
  return { id, source, receivedAt: new Date(receivedAt), body: bytes, ...parseBatch(bytes, { source, timeZone }) };
}
