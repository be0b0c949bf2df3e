/** Waits for a service to say that it is ready. */
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, messageOf } from '../plain-error.mjs';

const readyWithinMs = 60_000;

/**
 * @param {string} url of its readiness check
 * @param {AbortSignal} signal ends the waiting
 * @returns {Promise<string>} what was wrong when the time was up; '' = it is ready
 */
export async function waitUntilReady(url, signal) {
  let problem = 'no answer';
  for (const end = Date.now() + readyWithinMs; Date.now() < end && !signal.aborted; await sleep(100)) {
    try {
      const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]) });
      const text = await answer.text();
      if (answer.status === 200) return '';
      problem = `${answer.status} ${text}`;
    } catch (error) {
      problem = codeOf(error instanceof Error ? error.cause : error) ?? messageOf(error);
    }
  }
  return `not ready within ${readyWithinMs / 1000} s: ${url} says ${problem}`;
}
