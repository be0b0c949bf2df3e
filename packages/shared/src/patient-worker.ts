/** BullMQ's worker, with a pause when the store refuses to give a job: by itself it asks again at once, 15,000 times a second (as of 6.7.0). */
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker, type ConnectionOptions, type IQueueBackend, type Job, type JobProgress, type RedisQueueBackend } from 'bullmq';
import { backoffMs } from './deadline.js';

/** Below what a stopping process waits for. */
const longestPauseMs = 2_000;

export class PatientWorker<
  Data,
  Backend extends IQueueBackend = RedisQueueBackend,
  Connection = ConnectionOptions,
> extends Worker<Data, void, string, Backend, JobProgress, Connection> {
  #refusals = 0;

  protected override async moveToActive(token: string, name?: string): Promise<Job<Data, void>> {
    try {
      const job = await super.moveToActive(token, name);
      this.#refusals = 0;
      return job;
    } catch (error) {
      await sleep(backoffMs(++this.#refusals, 100, longestPauseMs));
      throw error;
    }
  }
}
