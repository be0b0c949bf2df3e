/**
 * A sender that keeps the vendor's rules: a GET check when the URL is saved, then POSTs strictly in sequence; only HTTP 200 is success,
 * anything else is repeated after 1, 2, 4 … minutes up to an hour, and every later batch waits behind the one that failed.
 */
import { type Clock, systemClock } from './clock.js';
import { type Answer, type Exchange, openExchange } from './exchange.js';
import type { GeneratedBatch } from './generate.js';
import { Random } from './random.js';
import { retryDelayMs } from './retry-schedule.js';

/** One request that was made. Times are milliseconds of the sender's clock, not shortened or stretched by `timeScale`. */
export interface RequestRecord {
  kind: 'check' | 'batch';
  /** Position of the batch, from 0; -1 for the check. */
  batch: number;
  /** Which try at this batch it was, from 1. */
  attempt: number;
  activities: number;
  startedAtMs: number;
  durationMs: number;
  answer: Answer;
}

/** How the sender is set up; every default is the vendor's behaviour. */
export interface SenderOptions {
  /** Where to POST; user name and password in it become HTTP Basic. */
  url: string;
  headers?: Readonly<Record<string, string>>;
  /** How many times faster the waits pass: at 1,000 a minute lasts 60 ms. Default 1. Real requests are not hurried. */
  timeScale?: number;
  /** Activities a second at most, in real time; what a stall held back is sent as fast as it goes. Default: no limit. */
  rate?: number;
  /** Deadline of one request, in real milliseconds; default 30,000 (the vendor's is unknown). */
  timeoutMs?: number;
  /** Whether to begin with the GET check; default true. */
  check?: boolean;
  /** Gives up after so many failures of one batch; default: never (the vendor does not say that it ever does). */
  maxAttempts?: number;
  /** Share of acknowledged batches that are sent once more a minute later, as if the answer had been lost; default 0. */
  lostAnswers?: number;
  /** Seed of the choice of lost answers; default 1. */
  seed?: number;
  /** Aborting ends the sending; a request under way is cut off. */
  signal?: AbortSignal;
  clock?: Clock;
  /** After every request. */
  onRequest?: (record: RequestRecord) => void;
  /** Before a failed request is repeated; `waitMs` is the vendor's wait, before `timeScale`. */
  onWait?: (failures: number, waitMs: number) => void;
  /** After the first 200 to a batch and before anything else is sent: the place to write the ledger. */
  onAcknowledged?: (batch: GeneratedBatch) => Promise<void> | void;
  /** At the end, for a batch that was sent but never answered with 200: the receiver may have it or not. */
  onUnanswered?: (batch: GeneratedBatch) => Promise<void> | void;
}

/** How the sending ended. */
export type SendOutcome =
  | { end: 'complete' }
  | { end: 'aborted' }
  | { end: 'check-failed'; answer: Answer }
  | { end: 'gave-up'; batch: number; answer: Answer };

/** Sends the batches one after the other. Rejects only when a callback throws or the URL is none; a receiver that fails is an outcome. */
export async function sendBatches(batches: Iterable<GeneratedBatch>, options: SenderOptions): Promise<SendOutcome> {
  const { url, headers = {}, timeoutMs = 30_000 } = options;
  const exchange = openExchange(url, { timeoutMs, headers });
  try {
    return await new Sender(exchange, options).run(batches);
  } finally {
    await exchange.close();
  }
}

class Sender {
  readonly #exchange: Exchange;
  readonly #options: SenderOptions;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(exchange: Exchange, options: SenderOptions) {
    this.#exchange = exchange;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = new Random(options.seed ?? 1, 0x1057);
  }

  async run(batches: Iterable<GeneratedBatch>): Promise<SendOutcome> {
    if (this.#options.check !== false) {
      const answer = await this.#request('check', -1, 1, null);
      if (this.#aborted) return { end: 'aborted' };
      if (!isSuccess(answer)) return { end: 'check-failed', answer };
    }
    const startedAtMs = this.#clock.now();
    let activities = 0;
    let position = 0;
    for (const batch of batches) {
      const { rate } = this.#options;
      if (rate !== undefined) await this.#sleep(startedAtMs + (activities / rate) * 1000 - this.#clock.now());
      if (this.#aborted) return { end: 'aborted' };
      const failed = await this.#deliver(batch, position);
      if (failed) return failed;
      activities += batch.elements.length;
      position++;
    }
    return { end: 'complete' };
  }

  /** Repeats until the batch is acknowledged; gives the outcome when it never was. */
  async #deliver(batch: GeneratedBatch, position: number): Promise<SendOutcome | undefined> {
    let acknowledged = false;
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#request('batch', position, attempt, batch);
      if (isSuccess(answer)) {
        const lost = !acknowledged && this.#random.chance(this.#options.lostAnswers ?? 0);
        if (!acknowledged) await this.#options.onAcknowledged?.(batch);
        acknowledged = true;
        if (!lost) return undefined;
      }
      const gaveUp = attempt >= (this.#options.maxAttempts ?? Infinity);
      if (!gaveUp && !this.#aborted) {
        this.#options.onWait?.(attempt, retryDelayMs(attempt));
        await this.#sleep(retryDelayMs(attempt) / (this.#options.timeScale ?? 1));
      }
      if (!gaveUp && !this.#aborted) continue;
      if (!acknowledged) await this.#options.onUnanswered?.(batch);
      if (this.#aborted) return { end: 'aborted' };
      return acknowledged ? undefined : { end: 'gave-up', batch: position, answer };
    }
  }

  async #request(kind: RequestRecord['kind'], position: number, attempt: number, batch: GeneratedBatch | null): Promise<Answer> {
    const startedAtMs = this.#clock.now();
    const answer = await this.#exchange.request(batch ? 'POST' : 'GET', batch?.body ?? null, this.#options.signal);
    this.#options.onRequest?.({
      kind,
      batch: position,
      attempt,
      activities: batch?.elements.length ?? 0,
      startedAtMs,
      durationMs: this.#clock.now() - startedAtMs,
      answer,
    });
    return answer;
  }

  get #aborted(): boolean {
    return this.#options.signal?.aborted ?? false;
  }

  /** Waits; an abort ends the wait early and shows in `#aborted`. */
  async #sleep(ms: number): Promise<void> {
    if (ms <= 0) return;
    try {
      await this.#clock.sleep(ms, this.#options.signal);
    } catch (error) {
      if (!this.#aborted) throw error;
    }
  }
}

function isSuccess(answer: Answer): boolean {
  return 'status' in answer && answer.status === 200;
}
