/** The few kinds of failure that the program tells apart; anything else is a defect or an infrastructure failure and backs off. */

/** Never to be retried: repeating it cannot help. */
export class PermanentError extends Error {
  override readonly name: string = 'PermanentError';
}

/**
 * Of activities that were refused together, by the fault of one of them perhaps. Reported of each (`ctx.fail`, the same error), not thrown: then they
 * go out again by halves, until each that is at fault stands alone, is refused for good, and the others are through. To be final for all, throw.
 */
export class RefusedTogether extends PermanentError {
  override readonly name = 'RefusedTogether';
}

/** To be retried after `delayMs` milliseconds. */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';
  constructor(
    readonly delayMs: number,
    message = `to be retried in ${delayMs} ms`,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Whoever was called cannot answer now (no connection, no answer in time, 429, 5xx): to be retried, and the action's breaker counts it.
 * `retryAfterMs`: how long it asked to be left alone, 0 where it did not ask.
 */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
  constructor(
    message: string,
    readonly retryAfterMs = 0,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Whoever was called wants no more of these calls, ever (410): the action is disabled, its rows are kept. */
export class GoneError extends Error {
  override readonly name = 'GoneError';
}

/** What the operator has to mend before the program can start: every problem at once, each saying where and what to do. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  constructor(readonly problems: readonly string[]) {
    super(
      `${problems.length === 1 ? 'A problem' : `${problems.length} problems`} in the configuration:\n${problems.map((p) => `  - ${p}`).join('\n')}`,
    );
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
