/** Sends the requests of runs. Its retries are our own: the platform does not tell how often its block repeats one. */
import { type Clock, systemClock } from './clock.js';
import { openExchange, type Exchange } from './exchange.js';
import type { RunRequest } from './run-requests.js';

export interface RunRequestSenderOptions {
  /** Of the hook, with its token. */
  url: string;
  headers?: Readonly<Record<string, string>>;
  timeoutMs?: number;
  /** How many times faster the waits pass. */
  timeScale?: number;
  signal?: AbortSignal;
  clock?: Clock;
}

const ATTEMPTS = 5;
const FIRST_WAIT_MS = 1_000;

export class RunRequestSender {
  readonly #exchange: Exchange;
  readonly #options: RunRequestSenderOptions;
  readonly #clock: Clock;

  constructor(options: RunRequestSenderOptions) {
    this.#exchange = openExchange(options.url, { timeoutMs: options.timeoutMs ?? 30_000, headers: options.headers ?? {} });
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Whether it was acknowledged with 200, at one of several tries. Otherwise the receiver may have it or not. */
  async send({ body }: RunRequest): Promise<boolean> {
    const { signal, timeScale = 1 } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#exchange.request('POST', body, signal);
      if ('status' in answer && answer.status === 200) return true;
      if (attempt >= ATTEMPTS || signal?.aborted) return false;
      await this.#clock.sleep((FIRST_WAIT_MS * 2 ** (attempt - 1)) / timeScale, signal).catch(() => undefined); // an abort ends the wait
    }
  }

  close(): Promise<void> {
    return this.#exchange.close();
  }
}
