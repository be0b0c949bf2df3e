/** The platform's API, asked with patience: it hangs for minutes while a broadcast goes out, and holds back whoever asks too often. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  backoffMs,
  messageOf,
  PermanentError,
  UnavailableError,
  withTimeLimit,
  type Logger,
  type PlatformConfiguration,
} from '@vidhuk/shared';
import type { HttpClient } from '../../handlers/http-client.js';
import { checkAnswer, usualFinalStatuses } from '../../handlers/http/answer.js';

export interface Pace {
  /** Of one answer. */
  timeoutMs: number;
  /** Of one question. */
  attempts: number;
  /** Of all that is lost by failures and by waiting after them, in one run. */
  budgetMs: number;
  /** Between the beginnings of two questions. The platform allows 200 a second; of one source one run asks, one question at a time. */
  gapMs: number;
  firstPauseMs: number;
  longestPauseMs: number;
}

const usualPace: Pace = {
  timeoutMs: 120_000,
  attempts: 6,
  budgetMs: 2 * 3_600_000,
  gapMs: 20,
  firstPauseMs: 1_000,
  longestPauseMs: 60_000,
};

/** It did not answer in time, however often it was asked: another time it may. */
export class NotAnswered extends Error {
  override readonly name = 'NotAnswered';
}

export interface PlatformApiParts {
  http: HttpClient;
  settings: PlatformConfiguration;
  log: Logger;
  signal: AbortSignal;
  pace?: Partial<Pace>;
}

/** 1,000 rows of an activity have about one. */
const maxBodyBytes = 64 * 2 ** 20;

export class PlatformApi {
  readonly #pace: Pace;
  #lostMs = 0;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: PlatformApiParts) {
    this.#pace = { ...usualPace, ...parts.pace };
  }

  /** What it answers to `GET path?query`, as JSON. Rejects with {@link NotAnswered}, and with a `PermanentError` where asking again is of no use. */
  async get(path: string, query: Readonly<Record<string, string>>): Promise<unknown> {
    const { signal, log } = this.parts;
    const { attempts, firstPauseMs, longestPauseMs } = this.#pace;
    for (let attempt = 1; ; attempt++) {
      await this.#keepGap();
      const began = performance.now();
      try {
        return await this.#ask(path, query);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof UnavailableError)) throw error;
        this.#lostMs += performance.now() - began;
        const waitMs = Math.max(error.retryAfterMs, backoffMs(attempt, firstPauseMs, longestPauseMs));
        const isLast = attempt >= attempts || this.#lostMs + waitMs > this.#pace.budgetMs;
        log.warn({ attempt, waitMs: isLast ? null : waitMs, err: messageOf(error) }, 'the platform did not answer');
        if (isLast) throw new NotAnswered(messageOf(error), { cause: error });
        await sleep(waitMs, undefined, { signal });
        this.#lostMs += waitMs;
      }
    }
  }

  /** Whether there is time left for questions that fail. */
  get hasTime(): boolean {
    return this.#lostMs < this.#pace.budgetMs;
  }

  async #keepGap(): Promise<void> {
    const waitMs = this.#lastAt + this.#pace.gapMs - performance.now();
    if (waitMs > 0) await sleep(waitMs, undefined, { signal: this.parts.signal });
    this.#lastAt = performance.now();
  }

  async #ask(path: string, query: Readonly<Record<string, string>>): Promise<unknown> {
    const { http, settings, signal } = this.parts;
    const { apiKey, baseUrl, allowPrivateNetwork } = settings;
    const url = `${baseUrl.replace(/\/+$/, '')}/${path}?${new URLSearchParams(query).toString()}`;
    const credentials = Buffer.from(`vidhuk:${apiKey}`).toString('base64');
    const headers = { authorization: `Basic ${credentials}`, accept: 'application/json' };
    const response = await withTimeLimit(this.#pace.timeoutMs, signal, (limited) =>
      http.request({ method: 'GET', url, headers, signal: limited, ...{ allowPrivateNetwork, maxBodyBytes } }),
    );
    const from = new URL(url).origin;
    const refusal = refusalOf(response.status, response.body);
    if (refusal !== null) throw new PermanentError(`${from} answered ${response.status}: ${refusal}`);
    checkAnswer(response, { from, secrets: [apiKey, credentials], final: [...usualFinalStatuses, 404, 405] });
    if (response.truncated) throw new UnavailableError(`${from}: an answer of more than ${maxBodyBytes} bytes`);
    try {
      return JSON.parse(response.body);
    } catch (error) {
      throw new UnavailableError(`${from}: an answer that is no JSON`, 0, { cause: error });
    }
  }
}

/** What a person has to do, in a sentence. */
function refusalOf(status: number, body: string): string | null {
  if (status === 400 && /ContactActivity/i.test(body))
    return 'the account may not ask for activities: have its support enable ContactActivity';
  if (status === 401)
    return 'the API key is wrong, or was switched off because nothing used it for 90 days: make a new one and put it into sources.….platform.apiKey';
  if (status === 403) return 'the API key may not read this: give it that right, or make another one';
  return null;
}
