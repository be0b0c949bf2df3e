/** Notices a worker that is alive but takes no jobs any more (as BullMQ workers did after long outages, bullmq #4378, #4479, #4585). */
import type { Logger, Stop } from '@vidhuk/shared';

/** What waits to be taken. */
export interface Waiting {
  /** Age of the oldest in ms, 0 when none waits. */
  oldestWaitingMs(): Promise<number>;
  /** By a person: nobody may take any. */
  isPaused(): Promise<boolean>;
}

/** What the worker did of late. */
export interface Progress {
  /** By `performance.now()`: the machine's clock may be set. */
  readonly lastProgressAt: number;
  /** Jobs that it holds. */
  readonly inHand: number;
  /** Since when it has held any without a pause, by `performance.now()`; undefined: it holds none. */
  readonly holdsSince: number | undefined;
}

export class Watchdog {
  /** By `performance.now()`; since then the worker may take jobs again, as far as was seen. */
  #pausedUntil = 0;

  /** `what` is what waits, for messages. */
  constructor(
    private readonly waiting: Waiting,
    private readonly progress: Progress,
    private readonly stuckAfterMs: number,
    private readonly what = 'batches',
  ) {}

  /** For readiness: rejects while jobs wait, or are in hand, and none was finished for `stuckAfterMs`. */
  async checkProgress(): Promise<void> {
    const idleMs = await this.#withoutProgressMs();
    if (idleMs > this.stuckAfterMs)
      throw new Error(`${this.what} wait, and none was finished for ${Math.round(idleMs / 1000)} s`);
    const { lastProgressAt, holdsSince } = this.progress;
    const heldMs = holdsSince === undefined ? 0 : performance.now() - Math.max(lastProgressAt, holdsSince);
    if (heldMs > this.stuckAfterMs)
      throw new Error(`${this.what} are in hand, and none was finished for ${Math.round(heldMs / 1000)} s`);
  }

  /**
   * Ends the process for a restart once it neither finished nor held a job for twice `stuckAfterMs` while jobs waited, at two looks in a row: the
   * first may come just when the queue's store is back. A worker that holds jobs and waits for the database is not stuck: a restart would not help.
   */
  watch(log: Logger, stop: Stop): NodeJS.Timeout {
    let suspected = false;
    let paused = false;
    const look = async () => {
      const wasPaused = paused;
      paused = await this.waiting.isPaused();
      if (paused && !wasPaused)
        log.warn(`${this.what} wait until somebody resumes their queue: it is paused, on the dashboard /queues`);
      if (!paused && wasPaused) log.info(`the queue of ${this.what} is resumed`);
      const before = suspected;
      suspected = false; // also when the look fails
      const idleMs = await this.#withoutProgressMs();
      suspected = idleMs >= 2 * this.stuckAfterMs && this.progress.inHand === 0;
      if (!before || !suspected) return;
      log.fatal({ idleMs }, `${this.what} wait and this worker takes none, ending it for a restart`);
      stop('no progress', 1);
    };
    let looking = false; // a slow look is not repeated beside itself
    return setInterval(() => {
      if (looking) return;
      looking = true;
      look()
        .catch((error: unknown) => log.warn({ err: error }, 'the queue could not be looked at'))
        .finally(() => (looking = false));
    }, this.stuckAfterMs / 4);
  }

  /** 0 while nothing waits or the queue is paused: a restart would not resume it. */
  async #withoutProgressMs(): Promise<number> {
    if (await this.waiting.isPaused()) {
      this.#pausedUntil = performance.now();
      return 0;
    }
    return Math.min(
      await this.waiting.oldestWaitingMs(),
      performance.now() - Math.max(this.progress.lastProgressAt, this.#pausedUntil),
    );
  }
}
