/** The intake of requests of the workflow block: queue → consumer → group commit → table, as that of batches. */
import {
  ByteBudget,
  retryForever,
  workflowQueueName,
  type Configuration,
  type JobQueue,
  type QueueStore,
  type Service,
  type WorkflowJob,
} from '@vidhuk/shared';
import { GroupCommit } from '../db/group-commit.js';
import type { QueueBoard } from '../follow-up/queue-board.js';
import { QueueMonitor } from '../queue/queue-monitor.js';
import { Watchdog } from '../queue/watchdog.js';
import { readRequest } from '../workflow/read-request.js';
import type { RequestStore } from '../workflow/store-requests.js';
import type { WorkflowRequest } from '../workflow/workflow-request.js';
import { openSizedWorker } from './open-sized-worker.js';
import type { WorkflowMetrics } from './workflow-metrics.js';

export interface WorkflowIntakeParts {
  store: QueueStore;
  queue: JobQueue<WorkflowJob>;
  requests: RequestStore;
  settings: Configuration['worker'];
  metrics: WorkflowMetrics;
  /** Where people see the queue. */
  board?: QueueBoard;
}

/** For the size of a transaction: bodies travel to the database in one message, which holds less than 1 GiB. */
const together = { sizeOf: ({ body }: WorkflowRequest) => 1 + body.length / 4_096, maxSize: 1_000, maxTransactions: 1 };

/** Waits until the queue's store takes a worker. Gives the function that lets it take requests. */
export async function openWorkflowIntake(
  { store, queue, requests, settings, metrics, board }: WorkflowIntakeParts,
  { log, lifecycle, stop }: Service,
): Promise<() => void> {
  const { signal } = lifecycle;
  const groups = new GroupCommit((group: readonly WorkflowRequest[]) => requests.store(group), together);
  const budget = new ByteBudget(settings.maxBytesInFlight);
  const work = async (job: WorkflowJob) => {
    const release = await budget.take(job.bytes, Number.POSITIVE_INFINITY);
    try {
      signal.throwIfAborted();
      const started = performance.now();
      const request = await readRequest(job);
      const outcome = await groups.submit(request);
      metrics.done(request, outcome);
      const { id, source, hook, body } = request;
      const ms = Math.round(performance.now() - started);
      log.info({ requestId: id, source, hook, bytes: body.length, outcome, ms }, 'workflow request done');
    } finally {
      release?.();
    }
  };
  const worker = await retryForever(
    'opening the worker of workflow requests',
    () => openSizedWorker(workflowQueueName, work, { store, settings, observer: metrics, log, signal }),
    { log, signal },
  );
  lifecycle.onClose('worker of workflow requests', () => worker.close());
  board?.show(queue);
  const monitor = new QueueMonitor(queue);
  metrics.watch(monitor);
  const watchdog = new Watchdog(monitor, metrics, settings.stuckAfterMs, 'workflow requests');
  const timer = watchdog.watch(log, stop);
  lifecycle.onClose('watchdog of workflow requests', () => clearInterval(timer));
  return () => {
    worker.run().catch((error: unknown) => {
      log.fatal({ err: error }, 'the worker of workflow requests ended');
      stop('the worker of workflow requests ended', 1);
    });
  };
}
