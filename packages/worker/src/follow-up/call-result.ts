/** What one call did to its rows and says of its endpoint. */
import { GoneError, RefusedTogether, UnavailableError } from '@vidhuk/shared';
import { v7 as uuidv7 } from 'uuid';
import type { RowResult } from './sql/finish-follow-ups.js';
import { done, failed, handedBack, movedOn, recordedMessage, type Attempted, type RetryPolicy } from './outcome.js';

export interface CallResult {
  rows: RowResult[];
  /** null: says nothing about the endpoint. */
  endpoint: 'well' | { unavailableForMs: number } | null;
  /** The endpoint wants no more calls, ever. */
  gone: string | null;
  /** The call as a whole came to nothing. */
  failed: boolean;
}

/** Rows go back as they came: the call is not made, or the process stopped while it was. */
export const handBack = (rows: readonly Attempted[]): CallResult => ({
  rows: rows.map(handedBack),
  endpoint: null,
  gone: null,
  failed: true,
});

/** The call as a whole failed: all its rows share the error. */
export function failedCall(rows: readonly Attempted[], error: unknown, retry: RetryPolicy): CallResult {
  const results = rows.map((row) => failed(row, error, retry));
  // What goes out under one key never changes: where some rows have no attempt left, the others need another call.
  const shrinks = results.some(({ state }) => state === 'failed');
  return {
    rows: shrinks ? results.map((result) => ({ ...result, leavesGroup: true })) : results,
    endpoint: error instanceof UnavailableError ? { unavailableForMs: Math.min(error.retryAfterMs, retry.maxDelayMs) } : null,
    gone: goneMessage([error]),
    failed: true,
  };
}

/** The call came to its end: rows are done, but for `failures` that its handler reported of their activities, by id of the row. */
export function answeredCall(rows: readonly Attempted[], failures: ReadonlyMap<string, unknown>, retry: RetryPolicy): CallResult {
  const nextCalls = nextCallsOf(rows, failures);
  const results = rows.map((row) => {
    if (!failures.has(row.id)) return done(row);
    const failure = failures.get(row.id);
    const nextCall = nextCalls.get(row.id);
    return nextCall === undefined ? failed(row, failure, retry, true) : movedOn(row, failure, nextCall);
  });
  const endpoint = endpointOf(rows.length, [...failures.values()], retry);
  return { rows: results, endpoint, gone: goneMessage(failures.values()), failed: false };
}

/**
 * The next calls of rows that were refused together, by id: two for each refusal, so that a culprit among n stands alone after log2(n) more; where all
 * are culprits, it takes 2n calls. Who is alone has none. `rows` are in order of their activities, so a second half may have to wait for the first for
 * a contact that both have, and never the other way round.
 */
function nextCallsOf(rows: readonly Attempted[], failures: ReadonlyMap<string, unknown>): Map<string, string> {
  const nextCalls = new Map<string, string>();
  for (const failure of new Set(failures.values())) {
    const refused = failure instanceof RefusedTogether ? rows.filter(({ id }) => failures.get(id) === failure) : [];
    if (refused.length < 2) continue;
    const [first, second] = [uuidv7(), uuidv7()];
    for (const [index, { id }] of refused.entries()) nextCalls.set(id, index < refused.length / 2 ? first : second);
  }
  return nextCalls;
}

/**
 * Of a call that answered for `activities` and reported some as failed. A few that found the endpoint unavailable among many that are done say
 * nothing against it, unless it asked for time.
 */
function endpointOf(activities: number, failures: readonly unknown[], { maxDelayMs }: RetryPolicy): CallResult['endpoint'] {
  const unavailable = failures.filter((failure) => failure instanceof UnavailableError);
  const unavailableForMs = Math.min(maxDelayMs, Math.max(0, ...unavailable.map(({ retryAfterMs }) => retryAfterMs)));
  return unavailable.length > activities / 2 || unavailableForMs > 0 ? { unavailableForMs } : 'well';
}

function goneMessage(errors: Iterable<unknown>): string | null {
  for (const error of errors) if (error instanceof GoneError) return recordedMessage(error);
  return null;
}
