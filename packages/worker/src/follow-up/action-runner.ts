/** One action at work: its own queue, worker and feeder, so that a slow or dead endpoint delays nobody else (bulkhead). */
import type { JobWorker, Logger, QueueStore } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { createConsumer } from '../consumer.js';
import { ensureActionState } from '../db/sql/action-state.js';
import { inTransaction } from '../db/transaction.js';
import type { HttpClient } from '../handlers/http-client.js';
import type { Action } from './action.js';
import { Deliverer } from './deliverer.js';
import { Feeder, usualPace, type FollowUpJob, type Pace } from './feeder.js';
import type { FollowUpMetrics } from './follow-up-metrics.js';

export interface RunnerParts {
  store: QueueStore;
  dataSource: DataSource;
  http: HttpClient;
  metrics: FollowUpMetrics;
  log: Logger;
  pace?: Partial<Pace>;
  /** How long calls under way may take to finish when their action or the process stops; then their signal aborts. */
  finishMs?: number;
}

const usualFinishMs = 10_000;

export const followUpQueueName = (action: string): string => `follow-up.${action}`;

export class ActionRunner {
  private constructor(
    readonly action: Action,
    private readonly feeder: Feeder,
    private readonly worker: JobWorker<FollowUpJob>,
    private readonly closeQueue: () => Promise<void>,
    private readonly stopCalls: AbortController,
    private readonly stopWaiting: AbortController,
    private readonly finishMs: number,
  ) {}

  static async start(action: Action, parts: RunnerParts): Promise<ActionRunner> {
    const { store, dataSource, http, metrics, log, pace, finishMs = usualFinishMs } = parts;
    const stopCalls = new AbortController();
    const stopWaiting = new AbortController();
    await inTransaction(dataSource, (client) => ensureActionState(client, action.name));
    const queue = await store.openQueue<FollowUpJob>(followUpQueueName(action.name));
    const feeder = new Feeder(action, queue, dataSource, log, { ...usualPace, ...pace });
    const deliverer = new Deliverer({
      ...{ action, dataSource, http, metrics, log },
      stopping: stopWaiting.signal,
      signal: stopCalls.signal,
      onFinished: () => feeder.callFinished(),
    });
    const work = (job: FollowUpJob) => deliverer.deliver(job);
    const settings = { concurrency: action.concurrency, rateLimit: action.rateLimit };
    const worker = await store.openWorker(queue.name, createConsumer({ work, log, signal: stopWaiting.signal }), settings);
    const runner = new ActionRunner(action, feeder, worker, () => queue.close(), stopCalls, stopWaiting, finishMs);
    worker.run().catch((error: unknown) => log.error({ action: action.name, err: error }, 'the worker of an action ended'));
    feeder.wake();
    return runner;
  }

  /** There may be rows for this action. */
  wake(): void {
    this.feeder.wake();
  }

  /** Lets calls under way finish for a while, then hands them back. */
  async stop(): Promise<void> {
    await this.feeder.stop();
    this.stopWaiting.abort();
    const timer = setTimeout(() => this.stopCalls.abort(new Error('shutting down')), this.finishMs);
    try {
      await this.worker.close();
    } finally {
      clearTimeout(timer);
      await this.closeQueue();
    }
  }
}
