/** What came of a simulation, worked out from the records of its requests, in constant memory. */
import { Histogram } from './histogram.js';
import type { RequestRecord } from './sender.js';

/** The figures of one run. Times are real milliseconds. */
export interface SendSummary {
  /** Batches sent at least once, answered with 200, and requests that sent a batch again. */
  batches: { sent: number; acknowledged: number; repeated: number };
  /** Elements of those batches; each batch counts once. */
  activities: { sent: number; acknowledged: number };
  /** How often each status (or reason for none) came back, the GET check included. */
  answers: Record<string, number>;
  /** Longest time from the first try at a batch to the end of its last, for batches that took more than one; 0 when none did. */
  longestStallMs: number;
  /** How long an answer took, over all batch requests that got one; quantiles within 1 %. */
  answerMs: { p50: number; p99: number; max: number };
  /** From the first request to the end of the last. */
  seconds: number;
  /** Acknowledged activities a second. */
  activitiesPerSecond: number;
}

/** Adds up request records. */
export class SendStatistics {
  readonly #answers = new Map<string, number>();
  readonly #durations = new Histogram();
  readonly #batches = { sent: 0, acknowledged: 0, repeated: 0 };
  readonly #activities = { sent: 0, acknowledged: 0 };
  #startedAtMs: number | undefined;
  #endedAtMs = 0;
  #longestStallMs = 0;
  #batchStartedAtMs = 0;
  #lastAcknowledged = -1;

  add({ kind, batch, attempt, activities, startedAtMs, durationMs, answer }: RequestRecord): void {
    this.#startedAtMs ??= startedAtMs;
    this.#endedAtMs = startedAtMs + durationMs;
    const label = 'status' in answer ? String(answer.status) : answer.error;
    this.#answers.set(label, (this.#answers.get(label) ?? 0) + 1);
    if (kind === 'check') return;

    if ('status' in answer) this.#durations.add(durationMs);
    if (attempt === 1) {
      this.#batches.sent++;
      this.#activities.sent += activities;
      this.#batchStartedAtMs = startedAtMs;
    } else {
      this.#batches.repeated++;
      this.#longestStallMs = Math.max(this.#longestStallMs, this.#endedAtMs - this.#batchStartedAtMs);
    }
    if (label === '200' && batch !== this.#lastAcknowledged) {
      this.#lastAcknowledged = batch;
      this.#batches.acknowledged++;
      this.#activities.acknowledged += activities;
    }
  }

  /** The figures so far. */
  summary(): SendSummary {
    const seconds = (this.#endedAtMs - (this.#startedAtMs ?? this.#endedAtMs)) / 1000;
    return {
      batches: { ...this.#batches },
      activities: { ...this.#activities },
      answers: Object.fromEntries([...this.#answers].sort(([a], [b]) => a.localeCompare(b))),
      longestStallMs: this.#longestStallMs,
      answerMs: { p50: this.#durations.quantile(0.5), p99: this.#durations.quantile(0.99), max: this.#durations.max },
      seconds,
      activitiesPerSecond: seconds > 0 ? this.#activities.acknowledged / seconds : 0,
    };
  }
}
