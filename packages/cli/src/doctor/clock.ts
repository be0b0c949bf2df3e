/** Comparing clocks: feed lag, backoff and partitions are reckoned with them. */
import { ok, problem, warning, type Finding } from './check.js';

/** Below it nobody notices; from a minute on times on screen and in rows contradict each other. */
const noticeableMs = 2_000;
const wrongMs = 60_000;

/** `readMs` asks the other clock, in ms since 1970; half of the time it takes is taken for the way back. */
export async function compareClock(whose: string, readMs: () => Promise<number>): Promise<Finding> {
  const asked = Date.now();
  const theirs = await readMs();
  const offset = Math.round(theirs - (asked + Date.now()) / 2);
  const text = `the clock of ${whose} is ${Math.abs(offset)} ms ${offset < 0 ? 'behind' : 'ahead of'} this machine’s`;
  if (Math.abs(offset) < noticeableMs) return ok(text);
  const remedy = 'run NTP on both machines';
  return Math.abs(offset) < wrongMs ? warning(text, remedy) : problem(text, remedy);
}
