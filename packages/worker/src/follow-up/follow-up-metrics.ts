/** What the worker tells Prometheus of follow-ups. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { DataSource } from 'typeorm';

export class FollowUpMetrics {
  readonly #calls: Counter<'action' | 'outcome'>;
  readonly #seconds: Histogram<'action'>;

  constructor(registry: Registry, dataSource: DataSource) {
    const registers = [registry];
    this.#calls = new Counter({
      name: 'vidhuk_follow_up_calls_total',
      help: 'Calls of handlers, by outcome',
      labelNames: ['action', 'outcome'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'vidhuk_follow_up_call_seconds',
      help: 'How long a call took, in seconds',
      labelNames: ['action'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
      registers,
    });
    new Gauge({
      name: 'vidhuk_follow_ups',
      help: 'Rows of the ledger that are not at their end, by action and state',
      labelNames: ['action', 'state'],
      registers,
      async collect() {
        const rows = await dataSource.query<{ action: string; state: string; count: number }[]>(
          `select action, state, count(*)::integer as count from vidhuk.follow_up where state in ('waiting', 'queued') group by action, state`,
        );
        this.reset();
        for (const { action, state, count } of rows) this.set({ action, state }, count);
      },
    });
  }

  called(action: string, outcome: string, ms: number): void {
    this.#calls.inc({ action, outcome });
    this.#seconds.observe({ action }, ms / 1000);
  }
}
