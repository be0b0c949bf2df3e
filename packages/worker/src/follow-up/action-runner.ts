/** One action at work: its own queue, worker and feeder, so that a slow or dead endpoint delays nobody else (bulkhead). */
import { messageOf, withDeadline, type JobQueue, type JobWorker, type Logger, type QueueStore, type Stop } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { createConsumer } from '../queue/consumer.js';
import { ensureActionState } from './sql/action-state.js';
import { inTransaction } from '../db/transaction.js';
import type { HttpClient } from '../handlers/http-client.js';
import type { Action } from './action.js';
import { ActionWatch } from './action-watch.js';
import type { CallSlots } from './call-slots.js';
import { Deliverer } from './deliverer.js';
import { Feeder, usualPace, type Pace } from './feeder.js';
import type { FollowUpJob } from './follow-up-job.js';
import type { FollowUpMetrics } from './follow-up-metrics.js';
import type { QueueBoard } from './queue-board.js';

export interface RunnerParts {
  store: QueueStore;
  dataSource: DataSource;
  http: HttpClient;
  metrics: FollowUpMetrics;
  /** Where people see the queues of actions. */
  board?: QueueBoard;
  log: Logger;
  /** How many handlers may hold a connection to the database at once, of all actions. */
  connections: CallSlots;
  /** Ends the process: an action does not work any more, and a restart mends that. */
  stop: Stop;
  /** As for batches, see the configuration. */
  stuckAfterMs: number;
  pace?: Partial<Pace>;
  /** How long calls under way may take to finish when their action or the process stops; then their signal aborts. */
  finishMs?: number;
}

const usualFinishMs = 10_000;
/** How long the queue's store may take to hear that a worker closes; it may be away. */
const closeMs = 5_000;

export const followUpQueueName = (action: string): string => `follow-up.${action}`;

export class ActionRunner {
  private constructor(
    readonly action: Action,
    private readonly parts: RunnerParts,
    private readonly queue: JobQueue<FollowUpJob>,
    private readonly feeder: Feeder,
    private readonly worker: JobWorker<FollowUpJob>,
    private readonly watch: ActionWatch,
    private readonly stopCalls: AbortController,
    private readonly stopWaiting: AbortController,
  ) {}

  /** Rejects, with nothing left open, when the database or the queue's store is away. */
  static async start(action: Action, parts: RunnerParts): Promise<ActionRunner> {
    const { store, dataSource, connections, http, metrics, log, stop, pace } = parts;
    const stopCalls = new AbortController();
    const stopWaiting = new AbortController();
    await inTransaction(dataSource, (client) => ensureActionState(client, action.name));
    const queue = await store.openQueue<FollowUpJob>(followUpQueueName(action.name));
    const feeder = new Feeder(action, queue, dataSource, log, { ...usualPace, ...pace });
    const deliverer = new Deliverer({
      ...{ action, dataSource, connections, http, metrics, log },
      stopping: stopWaiting.signal,
      signal: stopCalls.signal,
      onFinished: () => feeder.callFinished(),
    });
    const watch = new ActionWatch();
    const consumer = createConsumer({
      work: (job: FollowUpJob) => deliverer.deliver(job),
      ...{ log, signal: stopWaiting.signal, observer: watch },
    });
    const settings = { concurrency: action.concurrency, rateLimit: action.rateLimit };
    const worker = await store.openWorker(queue.name, consumer, settings).catch(async (error: unknown) => {
      await queue.close();
      throw error;
    });
    const runner = new ActionRunner(action, parts, queue, feeder, worker, watch, stopCalls, stopWaiting);
    worker.run().catch((error: unknown) => {
      log.fatal({ action: action.name, err: error }, 'the worker of an action ended');
      stop('the worker of an action ended', 1);
    });
    watch.start(action, queue, feeder, parts);
    parts.board?.show(queue);
    feeder.wake();
    return runner;
  }

  /** There may be rows for this action. */
  wake(): void {
    this.feeder.wake();
  }

  /** From now on no call begins; what is under way goes on. For the time until {@link stop}, while other things are closed. */
  beginNoMore(): void {
    this.stopWaiting.abort();
  }

  /** Lets calls under way finish for a while, then hands them back. What hangs is left behind: another runner must not wait for it. */
  async stop(): Promise<void> {
    const { finishMs = usualFinishMs, log } = this.parts;
    this.watch.end();
    this.parts.board?.hide(this.queue);
    this.stopWaiting.abort();
    const timer = setTimeout(() => this.stopCalls.abort(new Error('shutting down')), finishMs);
    try {
      await withDeadline(`stopping "${this.action.name}"`, finishMs + closeMs, this.#close());
    } catch (error) {
      log.warn({ action: this.action.name, err: messageOf(error) }, 'an action could not be stopped in good order');
    } finally {
      clearTimeout(timer);
    }
  }

  async #close(): Promise<void> {
    await Promise.all([this.feeder.stop(), this.worker.close()]);
    await this.queue.close();
  }
}
