/** How long the queue is and how old its oldest batch: for metrics, readiness and the watchdog. */
import { receivedAtOf, type JobQueue } from '@vidhuk/shared';
import { Gauge, type Registry } from 'prom-client';

/** So many jobs may be taken between two questions to the queue. */
const takenMeanwhile = 100;

export class QueueMonitor {
  /** The oldest waiting job as last seen, and since when, by `performance.now()`. */
  #oldest: { id: string; since: number } | undefined;

  constructor(
    private readonly queue: Pick<JobQueue<unknown>, 'getCountsPerPriority' | 'getJobCounts' | 'getRanges' | 'isPaused'>,
  ) {}

  /** Jobs by state. Of a paused queue PostgreSQL's `getJobCounts` tells that nothing waits; the count by priority stays true. */
  async counts(): Promise<Record<string, number>> {
    const [byPriority, others] = await Promise.all([
      this.queue.getCountsPerPriority([0]),
      this.queue.getJobCounts('active', 'delayed', 'failed'),
    ]);
    return { waiting: byPriority[0] ?? 0, ...others };
  }

  /**
   * Age of the oldest waiting job in ms, 0 when none waits. Its id tells, a UUID version 7: loading the job would load its body. Where the clock was
   * set back since, it is as old as it was seen to grow.
   */
  async oldestWaitingMs(): Promise<number> {
    const id = await this.#oldestId();
    if (id !== this.#oldest?.id) this.#oldest = id === undefined ? undefined : { id, since: performance.now() };
    if (this.#oldest === undefined) return 0;
    return Math.max(Date.now() - receivedAtOf(this.#oldest.id), performance.now() - this.#oldest.since);
  }

  /** The last of as many as wait, newest first: on PostgreSQL BullMQ gives them in no other order, whatever it is asked for (as of 6.7.0). */
  async #oldestId(): Promise<string | undefined> {
    const { 0: waiting = 0 } = await this.queue.getCountsPerPriority([0]);
    if (waiting === 0) return undefined;
    const ids = await this.queue.getRanges(['waiting'], Math.max(waiting - takenMeanwhile, 0), -1);
    return ids.at(-1);
  }

  /** By a person, on the dashboard: nobody takes jobs until it is resumed there. */
  isPaused(): Promise<boolean> {
    return this.queue.isPaused();
  }

  register(registry: Registry): void {
    const counts = () => this.counts();
    const oldestWaitingMs = () => this.oldestWaitingMs();
    new Gauge({
      name: 'vidhuk_queue_batches',
      help: 'Batches in the queue, by state',
      labelNames: ['state'],
      registers: [registry],
      async collect() {
        for (const [state, count] of Object.entries(await counts())) this.set({ state }, count);
      },
    });
    new Gauge({
      name: 'vidhuk_queue_oldest_waiting_seconds',
      help: 'Age of the oldest waiting batch',
      registers: [registry],
      async collect() {
        this.set((await oldestWaitingMs()) / 1000);
      },
    });
  }
}
