/** What the worker tells Prometheus. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { JobObserver } from '../queue/consumer.js';
import type { Batch, BatchOutcome } from '../projection/batch.js';
import { rules } from '../projection/rules.js';

/** The sender may invent statuses; labels may not grow without end. */
const knownStatuses = new Set(rules.map((rule) => rule.status));

/** In seconds. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export class IntakeMetrics implements JobObserver {
  /** ms since 1970 of the newest activity that was applied; 0 before the first. */
  #newestActivity = 0;
  /** ms since 1970 of the last batch that was finished, at first of the start. */
  lastProgressAt = performance.now();
  /** Batches that this process holds. */
  inHand = 0;
  holdsSince: number | undefined;

  readonly #batches: Counter<'source'>;
  readonly #retries: Counter;
  readonly #outcomes: Counter<'source' | 'outcome'>;
  readonly #statuses: Counter<'source' | 'status'>;
  readonly #seconds: Histogram;
  readonly #transactionSeconds: Histogram;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#batches = new Counter({
      name: 'vidhuk_batches_processed_total',
      help: 'Batches written to the log',
      labelNames: ['source'],
      registers,
    });
    this.#retries = new Counter({
      name: 'vidhuk_batch_retries_total',
      help: 'Attempts to write a batch that failed and will be repeated',
      registers,
    });
    this.#outcomes = new Counter({
      name: 'vidhuk_activities_total',
      help: 'Activities by outcome: new, duplicate, rejected, erased or expired',
      labelNames: ['source', 'outcome'],
      registers,
    });
    this.#statuses = new Counter({
      name: 'vidhuk_activities_by_status_total',
      help: 'Sound activities received, by status; duplicates included',
      labelNames: ['source', 'status'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'vidhuk_batch_seconds',
      help: 'From taking a batch to its commit, in seconds',
      buckets,
      registers,
    });
    this.#transactionSeconds = new Histogram({
      name: 'vidhuk_transaction_seconds',
      help: 'Of a transaction, which takes all batches that waited; its repetitions after conflicts included',
      buckets,
      registers,
    });
    const lag = () => (this.#newestActivity === 0 ? Number.NaN : Math.max(0, Date.now() - this.#newestActivity) / 1000);
    new Gauge({
      name: 'vidhuk_feed_lag_seconds',
      help: 'Now minus the newest activityDateTime that this process has applied; NaN before the first',
      registers,
      collect() {
        this.set(lag());
      },
    });
  }

  taken(): void {
    if (this.inHand++ === 0) this.holdsSince = performance.now();
  }

  left(): void {
    if (--this.inHand === 0) this.holdsSince = undefined;
  }

  batchDone(batch: Batch, outcome: BatchOutcome, ms: number): void {
    const { source } = batch;
    this.lastProgressAt = performance.now();
    this.#batches.inc({ source });
    for (const kind of ['new', 'duplicate', 'rejected'] as const) this.#outcomes.inc({ source, outcome: kind }, outcome[kind]);
    for (const kind of ['erased', 'expired'] as const)
      if (outcome[kind] !== undefined) this.#outcomes.inc({ source, outcome: kind }, outcome[kind]);
    for (const { status, occurredAt } of batch.activities) {
      this.#statuses.inc({ source, status: knownStatuses.has(status) ? status : 'OTHER' });
      if (occurredAt > this.#newestActivity) this.#newestActivity = occurredAt;
    }
    this.#seconds.observe(ms / 1000);
  }

  transactionDone(ms: number): void {
    this.#transactionSeconds.observe(ms / 1000);
  }

  retried(): void {
    this.#retries.inc();
  }
}
