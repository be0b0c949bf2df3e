/** Waiting with an end: nothing in Vidhuk waits for ever. */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from './errors.js';
import type { Logger } from './logger.js';

/** Thrown by {@link withDeadline}. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
}

/** The result of `work`, or {@link DeadlineExceeded} after `timeoutMs`; the work itself is not stopped, its late failure is dropped. */
export async function withDeadline<T>(what: string, timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DeadlineExceeded(`${what}: no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The result of `work`, whose signal aborts after `ms` with a `TimeoutError`, or with `stop`, by its reason. Not made of `AbortSignal.any()` and
 * `AbortSignal.timeout()`: Node 20 forgets a time limit that nothing but another signal refers to (nodejs/node#57736), once garbage is collected.
 */
export async function withTimeLimit<T>(ms: number, stop: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  stop.throwIfAborted();
  const limit = new AbortController();
  const onStop = () => limit.abort(stop.reason);
  const timer = setTimeout(() => limit.abort(new DOMException(`no answer within ${ms} ms`, 'TimeoutError')), ms);
  stop.addEventListener('abort', onStop);
  try {
    return await work(limit.signal);
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', onStop);
  }
}

/**
 * A delay in milliseconds before attempt `attempt` + 1 (first failure: attempt = 1): doubling from `baseMs` to `capMs`, of which a random half
 * is taken off, so that many waiters do not come back at the same moment ("equal jitter", AWS Architecture Blog, 2015).
 */
export function backoffMs(attempt: number, baseMs = 500, capMs = 30_000): number {
  const full = Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(full / 2 + (Math.random() * full) / 2);
}

/**
 * Repeats `attempt` until it succeeds, with backoff; rejects when `signal` aborts or when `isFinal` says that waiting cannot help. Warns of the
 * first failure and whenever it fails for another reason than the time before (for the same: debug), and tells when it has succeeded after all.
 */
export async function retryForever<T>(
  what: string,
  attempt: () => Promise<T>,
  options: { log: Logger; signal: AbortSignal; isFinal?: (error: unknown) => boolean; capMs?: number },
): Promise<T> {
  let told: string | undefined;
  for (let failures = 1; ; failures++) {
    options.signal.throwIfAborted();
    try {
      const result = await attempt();
      if (told !== undefined) options.log.info({ what, attempt: failures }, `${what} succeeded`);
      return result;
    } catch (error) {
      if (options.signal.aborted || options.isFinal?.(error)) throw error;
      const waitMs = backoffMs(failures, 500, options.capMs);
      const reason = messageOf(error);
      options.log[reason === told ? 'debug' : 'warn'](
        { what, attempt: failures, waitMs, err: reason },
        `${what} failed, trying again`,
      );
      told = reason;
      await sleep(waitMs, undefined, { signal: options.signal });
    }
  }
}
