/** What an answer means for the call: done, never again, again later, or no more of these calls at all. */
import { GoneError, PermanentError, UnavailableError } from '@vidhuk/shared';
import type { HttpResponse } from '../http-client.js';
import { redact } from './redact.js';

export interface AnswerOptions {
  /** Whoever answered, for the message: an origin, without path and query. */
  from: string;
  /** Values that were sent and must not be seen. */
  secrets?: readonly string[];
}

/** Characters of the answer that are kept. */
const maxExcerpt = 300;
const maxRetryAfterMs = 24 * 3_600_000;
/** Beside 5xx: the receiver is busy, or wants it again. */
const temporary = new Set([408, 425, 429]);

/**
 * Returns for 2xx. Throws `GoneError` for 410, `UnavailableError` for 408, 425, 429 and 5xx with the time that `retry-after` asks for, and
 * `PermanentError` for the rest, redirects too: they are not followed.
 */
export function checkAnswer(response: HttpResponse, { from, secrets = [] }: AnswerOptions): void {
  const { status, headers, body } = response;
  if (status >= 200 && status < 300) return;
  const message = [`${from} answered ${status}`, excerpt(body, secrets)].filter((part) => part !== '').join(': ');
  if (status === 410) throw new GoneError(message);
  if (temporary.has(status) || status >= 500)
    throw new UnavailableError(message, retryAfterMs(headers['retry-after'], Date.now()));
  throw new PermanentError(message);
}

/** From seconds or an HTTP date; 0 where nothing, or nothing understandable, is asked for. At most 24 hours. */
export function retryAfterMs(header: string | undefined, now: number): number {
  if (header === undefined) return 0;
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), maxRetryAfterMs);
}

/** One line, without control characters (and those that turn text around), shortened after the secrets are gone: none is cut in half. */
function excerpt(body: string, secrets: readonly string[]): string {
  const text = redact(body, secrets)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return text.slice(0, maxExcerpt).toWellFormed(); // not half of an emoji
}
