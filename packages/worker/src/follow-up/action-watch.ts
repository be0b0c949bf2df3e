/** The watchdog of one action: its worker may be as dead as that of the batches, and its feeder may hang. */
import type { JobQueue, Logger, Stop } from '@vidhuk/shared';
import { QueueMonitor } from '../queue/queue-monitor.js';
import { Watchdog } from '../queue/watchdog.js';
import type { JobObserver } from '../queue/consumer.js';
import type { Action } from './action.js';
import type { Feeder } from './feeder.js';

export class ActionWatch implements JobObserver {
  lastProgressAt = performance.now();
  inHand = 0;
  holdsSince: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  taken(): void {
    if (this.inHand++ === 0) this.holdsSince = performance.now();
    this.lastProgressAt = performance.now();
  }

  retried(): void {
    // The job stays in hand.
  }

  left(): void {
    if (--this.inHand === 0) this.holdsSince = undefined;
    this.lastProgressAt = performance.now();
  }

  /**
   * Stops the process when jobs wait and are not taken, or the ledger is not looked at, for twice `stuckAfterMs`. Whatever holds calls back, a
   * disabled action or an open breaker, does not hold jobs back: they are taken and handed back. Only a rate does.
   */
  start(
    { name, rateLimit }: Action,
    queue: JobQueue<unknown>,
    feeder: Feeder,
    parts: { log: Logger; stop: Stop; stuckAfterMs: number },
  ): void {
    const monitor = new QueueMonitor(queue);
    const waiting = {
      oldestWaitingMs: async () => Math.max(feeder.sinceLookMs, await monitor.oldestWaitingMs()),
      isPaused: () => monitor.isPaused(),
    };
    const stuckAfterMs = Math.max(parts.stuckAfterMs, rateLimit?.perMs ?? 0);
    this.#timer = new Watchdog(waiting, this, stuckAfterMs, `follow-ups of "${name}"`).watch(parts.log, parts.stop);
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
