/** What the ingress tells Prometheus. */
import type { ByteBudget, StoreRoom } from '@vidhuk/shared';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export class IngressMetrics {
  readonly #batches: Counter<'source'>;
  readonly #bytes: Counter<'source'>;
  readonly #lastStored: Gauge<'source'>;
  readonly #workflowRequests: Counter<'source' | 'hook'>;
  readonly #answers: Counter<'code'>;
  readonly #seconds: Histogram;

  constructor(registry: Registry, budget: ByteBudget, room: Pick<StoreRoom, 'fill'>) {
    const registers = [registry];
    this.#batches = new Counter({
      name: 'vidhuk_batches_received_total',
      help: 'Bodies stored durably and answered with 200',
      labelNames: ['source'],
      registers,
    });
    this.#bytes = new Counter({
      name: 'vidhuk_batch_bytes_received_total',
      help: 'Their bytes, decompressed',
      labelNames: ['source'],
      registers,
    });
    this.#lastStored = new Gauge({
      name: 'vidhuk_last_batch_stored_timestamp_seconds',
      help: 'When the last batch of the source was stored, in seconds since 1970: a feed that stands still makes no other sign',
      labelNames: ['source'],
      registers,
    });
    this.#workflowRequests = new Counter({
      name: 'vidhuk_workflow_requests_received_total',
      help: 'Requests of the workflow block stored durably, by hook',
      labelNames: ['source', 'hook'],
      registers,
    });
    this.#answers = new Counter({
      name: 'vidhuk_http_answers_total',
      help: 'Answers to webhook calls and workflow requests, by code',
      labelNames: ['code'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'vidhuk_http_answer_seconds',
      help: 'From the headers of a webhook call or workflow request to its answer, in seconds',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    new Gauge({
      name: 'vidhuk_bytes_in_flight',
      help: 'Bytes reserved for bodies that are being received',
      registers,
      collect() {
        this.set(budget.used);
      },
    });
    new Gauge({
      name: 'vidhuk_large_bodies_waiting',
      help: 'Large bodies that wait until another one has been received: they go one at a time',
      registers,
      collect() {
        this.set(budget.giantsWaiting);
      },
    });
    new Gauge({
      name: 'vidhuk_queue_store_fill_ratio',
      help: 'How full the queue’s store is, 1 being the most that it may hold (Redis: maxmemory); NaN where it has no limit',
      registers,
      collect() {
        this.set(room.fill);
      },
    });
  }

  stored(source: string, bytes: number): void {
    this.#batches.inc({ source });
    this.#bytes.inc({ source }, bytes);
    this.#lastStored.setToCurrentTime({ source });
  }

  storedWorkflow(source: string, hook: string): void {
    this.#workflowRequests.inc({ source, hook });
  }

  answered(code: number, ms: number): void {
    this.#answers.inc({ code: String(code) });
    this.#seconds.observe(ms / 1000);
  }
}
