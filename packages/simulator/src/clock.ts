/** Time as the sender sees it: handed in, so that a test can let an hour pass at once. */
import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds since some fixed moment, and waiting. */
export interface Clock {
  now(): number;
  /** Resolves after `ms`; rejects as soon as `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The real, monotonic clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}),
};
