/** What the worker tells Prometheus of follow-ups. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import { countFollowUps, readPausedActions } from './sql/count-follow-ups.js';

export class FollowUpMetrics {
  readonly #calls: Counter<'action' | 'outcome'>;
  readonly #seconds: Histogram<'action'>;
  readonly #tooOld: Counter<'action'>;

  constructor(registry: Registry, dataSource: DataSource) {
    const registers = [registry];
    this.#calls = new Counter({
      name: 'vidhuk_follow_up_calls_total',
      help: 'Calls of handlers, by outcome',
      labelNames: ['action', 'outcome'],
      registers,
    });
    this.#tooOld = new Counter({
      name: 'vidhuk_follow_ups_too_old_total',
      help: 'Follow-ups that were not planned, because the activities were older than maxAge',
      labelNames: ['action'],
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
      help: 'Rows of the ledger that are not done, by action and state',
      labelNames: ['action', 'state'],
      registers,
      async collect() {
        const rows = await countFollowUps(dataSource);
        this.reset();
        for (const { action, state, count } of rows) this.set({ action, state }, count);
      },
    });
    new Gauge({
      name: 'vidhuk_action_paused',
      help: '1 while an action makes no calls: disabled, or because its endpoint is unavailable (breaker)',
      labelNames: ['action', 'why'],
      registers,
      async collect() {
        const rows = await readPausedActions(dataSource);
        this.reset();
        for (const { action, why } of rows) this.set({ action, why }, 1);
      },
    });
  }

  /** Follow-ups that were not planned because their activities were too old. */
  leftOut(action: string, count: number): void {
    this.#tooOld.inc({ action }, count);
  }

  called(action: string, outcome: string, ms: number): void {
    this.#calls.inc({ action, outcome });
    this.#seconds.observe({ action }, ms / 1000);
  }
}
