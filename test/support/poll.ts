/** Waiting for something to become true, with an end, instead of sleeping and hoping. */
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks `question` again and again until it gives something other than `undefined` or `false`, and gives that. A question that throws is asked
 * again; after `timeoutMs` the last answer or error is reported.
 */
export async function until<T>(
  what: string,
  question: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs = 15_000, everyMs = 25 } = {},
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (let last: unknown; ;) {
    try {
      const answer = await question();
      if (answer !== undefined && answer !== false) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${timeoutMs} ms; last: ${String(last)}`, { cause: last });
    await sleep(everyMs);
  }
}

/** What `work` was rejected with; fails when it was not. */
export async function rejection(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error(`rejected with something that is no error: ${String(error)}`, { cause: error });
  }
  throw new Error('was expected to be rejected, and was not');
}
