/** Notices a worker that is alive but takes no batches any more (as BullMQ workers did after long outages, bullmq #4378, #4479, #4585). */
import type { Logger, Stop } from '@vidhuk/shared';
import type { WorkerMetrics } from '../metrics.js';
import type { QueueMonitor } from './queue-monitor.js';

export class Watchdog {
  constructor(
    private readonly monitor: QueueMonitor,
    private readonly metrics: WorkerMetrics,
    private readonly stuckAfterMs: number,
  ) {}

  /** For readiness: rejects while batches wait and none was finished for `stuckAfterMs`. */
  async checkProgress(): Promise<void> {
    const idleMs = await this.#withoutProgressMs();
    if (idleMs > this.stuckAfterMs) throw new Error(`batches wait, and none was finished for ${Math.round(idleMs / 1000)} s`);
  }

  /**
   * Ends the process for a restart once it neither finished nor held a batch for twice `stuckAfterMs` while batches waited. A worker that holds
   * batches and waits for the database is not stuck: a restart would not help it.
   */
  watch(log: Logger, stop: Stop): NodeJS.Timeout {
    const look = async () => {
      const idleMs = await this.#withoutProgressMs();
      if (idleMs < 2 * this.stuckAfterMs || this.metrics.inHand > 0) return;
      log.fatal({ idleMs }, 'batches wait and this worker takes none, ending it for a restart');
      stop('no progress', 1);
    };
    return setInterval(() => {
      look().catch((error: unknown) => log.warn({ err: error }, 'the queue could not be looked at'));
    }, this.stuckAfterMs / 4);
  }

  /** 0 while nothing waits. */
  async #withoutProgressMs(): Promise<number> {
    return Math.min(await this.monitor.oldestWaitingMs(), Date.now() - this.metrics.lastProgressAt);
  }
}
