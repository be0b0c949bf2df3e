/**
 * The circuit breaker of an action: pure transitions on a state that all workers share in `action_state`. Closed: no limit. Open: no calls until
 * `blockedUntil`. Half open: one probe; each success then allows one more call at once, which doubles them with each round of calls, so that an
 * endpoint that comes back is not stormed.
 */

export interface Breaker {
  /** Calls in a row that found the endpoint unavailable. */
  failures: number;
  /** How often it opened since the endpoint last was well. */
  opened: number;
  /** ms since 1970. */
  blockedUntil: number | null;
  /** Calls allowed at once; null: no limit. */
  allowed: number | null;
}

export const closed: Breaker = { failures: 0, opened: 0, blockedUntil: null, allowed: null };

/** Failures in a row that open it: one may be chance, with 10 calls at once five are soon together. */
const threshold = 5;
/** The first pause; it doubles each time the probe fails, up to five minutes. */
const firstPauseMs = 5_000;
const maxPauseMs = 300_000;
/** From so many calls at once on, recovery is over. */
const recoveredAt = 256;
/** … or when a call succeeds so long after the last pause: an action with few calls would take days to get there, and one failure shut it for minutes. */
const wellForMs = 60_000;
/** The longest pause that an endpoint may ask for. */
const maxAskedMs = 86_400_000;

export const isOpen = (breaker: Breaker, now: number): boolean => breaker.blockedUntil !== null && breaker.blockedUntil > now;

/** How many calls may begin at `now`, with `underWay` begun and not ended. */
export function mayBegin(breaker: Breaker, underWay: number, now: number): number {
  if (isOpen(breaker, now)) return 0;
  return breaker.allowed === null ? Number.POSITIVE_INFINITY : Math.max(0, breaker.allowed - underWay);
}

/** While it is open, successes of calls that were under way say nothing of how the endpoint is now, and change nothing. */
export function afterSuccess(breaker: Breaker, now: number): Breaker {
  if (breaker.allowed === null) return { ...closed, blockedUntil: breaker.blockedUntil };
  if (isOpen(breaker, now)) return breaker;
  const allowed = breaker.allowed + 1;
  const pausedUntil = breaker.blockedUntil ?? now;
  return allowed >= recoveredAt || now - pausedUntil >= wellForMs ? closed : { ...breaker, failures: 0, allowed };
}

/**
 * The endpoint was unavailable, and perhaps said for how long (`retryAfterMs`, 0 if it did not). `jitter` from 0 to 1. While it is open, failures
 * of calls that were under way do not lengthen the pause, unless the endpoint asks for more.
 */
export function afterFailure(breaker: Breaker, now: number, retryAfterMs: number, jitter: number): Breaker {
  const failures = breaker.failures + 1;
  const asked = retryAfterMs > 0 ? now + Math.min(retryAfterMs, maxAskedMs) : null;
  const blockedUntil = asked === null ? breaker.blockedUntil : Math.max(breaker.blockedUntil ?? 0, asked);
  const halfOpen = breaker.allowed !== null;
  if (isOpen(breaker, now) || (failures < threshold && !halfOpen)) return { ...breaker, failures, blockedUntil };
  const pauseMs = Math.min(maxPauseMs, firstPauseMs * 2 ** breaker.opened) * (0.75 + jitter / 2);
  return { failures, opened: breaker.opened + 1, blockedUntil: Math.max(now + pauseMs, blockedUntil ?? 0), allowed: 1 };
}
