/** What the worker tells Prometheus of requests of the workflow block, and the watchdog of its work with them. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { JobObserver } from '../queue/consumer.js';
import type { QueueMonitor } from '../queue/queue-monitor.js';
import type { Progress } from '../queue/watchdog.js';
import type { RequestOutcome } from '../workflow/store-requests.js';

export class WorkflowMetrics implements JobObserver, Progress {
  lastProgressAt = performance.now();
  inHand = 0;
  holdsSince: number | undefined;
  readonly #requests: Counter<'source' | 'hook' | 'outcome'>;

  constructor(private readonly registry: Registry) {
    this.#requests = new Counter({
      name: 'vidhuk_workflow_requests_total',
      help: 'Requests of the workflow block by outcome: new, repeated or erased',
      labelNames: ['source', 'hook', 'outcome'],
      registers: [registry],
    });
  }

  /** Also tells how many wait, and for how long. */
  watch(queue: QueueMonitor): void {
    const registers = [this.registry];
    new Gauge({
      name: 'vidhuk_queue_workflow_requests',
      help: 'Requests of the workflow block in the queue, by state',
      labelNames: ['state'],
      registers,
      async collect() {
        for (const [state, count] of Object.entries(await queue.counts())) this.set({ state }, count);
      },
    });
    new Gauge({
      name: 'vidhuk_queue_oldest_waiting_workflow_request_seconds',
      help: 'Age of the oldest waiting request of the workflow block',
      registers,
      async collect() {
        this.set((await queue.oldestWaitingMs()) / 1000);
      },
    });
  }

  taken(): void {
    if (this.inHand++ === 0) this.holdsSince = performance.now();
  }

  retried(): void {
    // The job stays in hand, and the log tells.
  }

  left(): void {
    if (--this.inHand === 0) this.holdsSince = undefined;
  }

  done({ source, hook }: { source: string; hook: string }, outcome: RequestOutcome): void {
    this.lastProgressAt = performance.now();
    this.#requests.inc({ source, hook, outcome });
  }
}
