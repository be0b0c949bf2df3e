/** What the worker tells Prometheus of requests of the workflow block, and the watchdog of its work with them. */
import { Counter, type Registry } from 'prom-client';
import type { JobObserver } from '../queue/consumer.js';
import type { Progress } from '../queue/watchdog.js';
import type { RequestOutcome } from '../workflow/store-requests.js';

export class WorkflowMetrics implements JobObserver, Progress {
  lastProgressAt = performance.now();
  inHand = 0;
  holdsSince: number | undefined;
  readonly #requests: Counter<'source' | 'hook' | 'outcome'>;

  constructor(registry: Registry) {
    this.#requests = new Counter({
      name: 'vidhuk_workflow_requests_total',
      help: 'Requests of the workflow block by outcome: new or repeated',
      labelNames: ['source', 'hook', 'outcome'],
      registers: [registry],
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
