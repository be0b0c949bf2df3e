/** What became of a call, and what follows for its rows: a small vocabulary between handlers, ledger and breaker. Pure. */
import { backoffMs, GoneError, messageOf, PermanentError, RetryLater, UnavailableError } from '@vidhuk/shared';
import type { RowResult } from './sql/finish-follow-ups.js';
import { longestDelayMs } from './duration.js';

export interface Attempted {
  id: string;
  jobId: string;
  /** Calls made before this one, but for those that were refused together with others. */
  attempts: number;
}

export interface RetryPolicy {
  attempts: number;
  maxDelayMs: number;
}

/** The first retry comes after about so long, then it doubles. */
const firstDelayMs = 5_000;

/** Whole ms, as the ledger holds them, of whatever was asked for. */
const askedMs = (ms: number): number => (Number.isNaN(ms) ? 0 : Math.round(Math.min(Math.max(ms, 0), longestDelayMs)));

/** What is recorded of an error: short, and without what PostgreSQL refuses in text, which would keep the outcome from being recorded. */
export function recordedMessage(error: unknown): string {
  return safeMessage(error).slice(0, 1_000).replaceAll('\u0000', '\ufffd').toWellFormed();
}

function safeMessage(error: unknown): string {
  try {
    return messageOf(error);
  } catch {
    return 'something was thrown that cannot be shown'; // Object.create(null), a toString that throws …
  }
}

export function done({ id, jobId }: Attempted): RowResult {
  return { id, jobId, state: 'done', attempted: true, error: null, delayMs: null, leavesGroup: false };
}

/** Back among the waiting without a call: the breaker is open, or the process stops. */
export function handedBack({ id, jobId }: Attempted): RowResult {
  return { id, jobId, state: 'waiting', attempted: false, error: null, delayMs: 0, leavesGroup: false };
}

/** Was refused together with others: goes out at once in another call, with fewer of them. No attempt is counted: this one was not its own. */
export function movedOn({ id, jobId }: Attempted, error: unknown, nextCallId: string): RowResult {
  const result = { id, jobId, attempted: false, error: recordedMessage(error), leavesGroup: true };
  return { ...result, state: 'waiting', delayMs: 0, nextCallId };
}

/**
 * After a failed call. `PermanentError` is final, as is the last attempt that the policy allows; `RetryLater` says when; the rest backs off. 410
 * disables the action and leaves the row to wait for that.
 */
export function failed(row: Attempted, error: unknown, policy: RetryPolicy, leavesGroup = false): RowResult {
  const { id, jobId, attempts } = row;
  const result = { id, jobId, attempted: true, error: recordedMessage(error), leavesGroup };
  if (error instanceof GoneError) return { ...result, state: 'waiting', delayMs: 0 };
  if (error instanceof PermanentError) return { ...result, state: 'failed', delayMs: null };
  if (attempts + 1 >= policy.attempts)
    return {
      ...result,
      state: 'failed',
      delayMs: null,
      error: `given up after ${attempts + 1} attempts: ${result.error}`.slice(0, 1_000).toWellFormed(),
    };
  if (error instanceof RetryLater) return { ...result, state: 'waiting', delayMs: askedMs(error.delayMs) };
  const askedFor = error instanceof UnavailableError ? Math.min(askedMs(error.retryAfterMs), policy.maxDelayMs) : 0;
  return { ...result, state: 'waiting', delayMs: Math.max(backoffMs(attempts + 1, firstDelayMs, policy.maxDelayMs), askedFor) };
}
