/** What an answer means for the call: done, never again, again later, or no more of these calls at all. */
import { GoneError, PermanentError, UnavailableError } from '@vidhuk/shared';
import type { HttpResponse } from '../http-client.js';
import { redact } from './redact.js';

export interface AnswerOptions {
  /** Whoever answered, for the message: an origin, without path and query. */
  from: string;
  /** Values that were sent and must not be seen. */
  secrets?: readonly string[];
  /** Statuses after which the same call is never made again; default {@link usualFinalStatuses}. */
  final?: readonly number[];
}

/** Characters of the answer that are kept. */
const maxExcerpt = 300;
const maxRetryAfterMs = 24 * 3_600_000;
/** From here on a number is no pause but a time, in seconds since 1970: 30 years. */
const earliestTime = 946_684_800;

/**
 * They say that this very call is wrong. All others may say something of the receiver alone: behind a load balancer, 401, 403 and 404 come while it is
 * deployed anew.
 */
export const usualFinalStatuses: readonly number[] = [400, 413, 415, 422];

/**
 * Returns for 2xx. Throws `GoneError` for 410, `PermanentError` for `final` ones, and for the rest `UnavailableError` with the time that `retry-after`
 * asks for: redirects too, which are not followed.
 */
export function checkAnswer(response: HttpResponse, { from, secrets = [], final = usualFinalStatuses }: AnswerOptions): void {
  const { status, headers, body } = response;
  if (status >= 200 && status < 300) return;
  const message = [`${from} answered ${status}`, excerpt(body, secrets)].filter((part) => part !== '').join(': ');
  if (status === 410) throw new GoneError(message);
  if (final.includes(status)) throw new PermanentError(message);
  throw new UnavailableError(message, retryAfterMs(headers['retry-after'], Date.now()));
}

/**
 * ms, from whole seconds or an HTTP date (RFC 9110, 10.2.3), and from what others write: a fraction of a second, which is rounded up, a unit behind the
 * seconds, seconds or milliseconds since 1970, or the header twice, of which the longest counts. 0 where nothing, or nothing understandable, is asked for. At most 24 hours.
 */
export function retryAfterMs(header: string | undefined, now: number): number {
  if (header === undefined) return 0;
  const whole = waitOf(header, now);
  const waits = Number.isNaN(whole) ? header.split(',').map((part) => waitOf(part, now)) : [whole];
  const ms = Math.max(0, ...waits.filter((wait) => !Number.isNaN(wait)));
  return Math.min(ms, maxRetryAfterMs);
}

/** ms; NaN for what cannot be understood. A date has a comma of its own. */
function waitOf(text: string, now: number): number {
  const number = /^[\s"]*(\d+(?:\.\d*)?)\s*(?:s|secs?|seconds?)?[\s"]*$/i.exec(text)?.[1];
  // A date has a time of day: of other words with a number in them Date.parse makes some year.
  if (number === undefined) return /\d:\d\d/.test(text) ? Date.parse(text) - now : Number.NaN;
  const seconds = Number(number);
  if (seconds >= earliestTime * 1_000) return Math.ceil(seconds) - now;
  return seconds >= earliestTime ? Math.ceil(seconds * 1_000) - now : Math.ceil(seconds) * 1_000;
}

/** One line, without control characters (and those that turn text around), shortened after the secrets are gone: none is cut in half. */
function excerpt(body: string, secrets: readonly string[]): string {
  const text = redact(body, secrets)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return text.slice(0, maxExcerpt).toWellFormed(); // not half of an emoji
}
