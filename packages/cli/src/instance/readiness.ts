/** Waits for a service to say that it is ready. */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, withTimeLimit } from '@vidhuk/shared';
import { get } from '../system/get.js';
import { codeOf } from '../system/plain-error.js';

const readyWithinMs = 60_000;
const answerWithinMs = 5_000;

/** `url`: of its readiness check. `signal` ends the waiting. Gives what was wrong when the time was up; '' = it is ready. */
export async function waitUntilReady(url: string, signal: AbortSignal): Promise<string> {
  let problem = 'no answer';
  for (const end = Date.now() + readyWithinMs; Date.now() < end && !signal.aborted;) {
    try {
      const { status, text } = await withTimeLimit(answerWithinMs, signal, (limited) => get(url, limited));
      if (status === 200) return '';
      problem = `${status} ${text.slice(0, 300)}`;
    } catch (error) {
      problem = codeOf(error) ?? messageOf(error);
    }
    await sleep(100);
  }
  return `not ready within ${readyWithinMs / 1000} s: ${url} says ${problem}`;
}
