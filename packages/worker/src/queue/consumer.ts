/** Answers the queue: the only place where an outcome becomes something that the queue understands. */
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs, messageOf, type JobProcessor, type Logger } from '@vidhuk/shared';
import { WaitingError } from 'bullmq';

export interface ConsumerParts<Data> {
  /** Does the job; rejects for infrastructure failures only, and may then be called again. */
  work: (data: Data) => Promise<void>;
  log: Logger;
  /** Aborts when the process stops: jobs that wait for the database go back to the queue. */
  signal: AbortSignal;
  observer?: JobObserver;
  /** How long to wait after so many failures, in ms. Default: longer each time, up to 30 s. */
  pauseMs?: (failures: number) => number;
}

/** Hears what happens to jobs, for metrics and the watchdog. */
export interface JobObserver {
  taken(): void;
  retried(): void;
  /** Finished or handed back. */
  left(): void;
}

/**
 * Done → completed. The database away → the job stays with this worker and is tried again until it succeeds (its lock is renewed meanwhile), so
 * that an outage moves nothing about in the queue; when the process stops it goes back to waiting, for another worker. No outcome is a failure
 * for good.
 */
export function createConsumer<Data>({
  work,
  log,
  signal,
  observer,
  pauseMs = backoffMs,
}: ConsumerParts<Data>): JobProcessor<Data> {
  return async (job, token) => {
    observer?.taken();
    try {
      if (await workUntilDone(job.id, job.data)) return;
      await job.moveToWait(token);
      throw new WaitingError();
    } finally {
      observer?.left();
    }
  };

  /** False when the process stops before it is done. */
  async function workUntilDone(jobId: string | undefined, data: Data): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        await work(data);
        return true;
      } catch (error) {
        if (signal.aborted && error === signal.reason) return false; // it had not begun
        const waitMs = pauseMs(attempt);
        observer?.retried();
        log.warn({ jobId, attempt, waitMs, err: messageOf(error) }, 'a job could not be done and waits');
        await sleep(waitMs, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return false;
      }
    }
  }
}
