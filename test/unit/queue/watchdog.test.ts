import { expect } from 'chai';
import { Watchdog } from '../../../packages/worker/src/queue/watchdog.js';
import { captureLog } from '../../support/log-lines.js';
import { until } from '../../support/poll.js';

/** It looks four times in this time. */
const stuckAfterMs = 40;
const long = 1_000_000;

/** What a watchdog does that sees `ages` of the oldest batch, one at each look (an error: the look fails), and then an empty queue. */
async function watched(ages: readonly (number | Error)[], inHand = 0): Promise<{ looks: number; stops: unknown[][] }> {
  const stops: unknown[][] = [];
  let looks = 0;
  const waiting = {
    isPaused: () => Promise.resolve(false),
    oldestWaitingMs() {
      const age = ages[looks++] ?? 0;
      return age instanceof Error ? Promise.reject(age) : Promise.resolve(age);
    },
  };
  const progress = { lastProgressAt: Number.NEGATIVE_INFINITY, inHand, holdsSince: undefined };
  let looksAtStop = 0;
  const timer = new Watchdog(waiting, progress, stuckAfterMs).watch(captureLog().log, (...stop) => {
    looksAtStop ||= looks;
    stops.push(stop);
  });
  try {
    await until('it has looked at all', () => looks > ages.length);
  } finally {
    clearInterval(timer);
  }
  return { looks: looksAtStop, stops };
}

describe('the watchdog', () => {
  it('ends a process that takes nothing at the second look in a row, and not at the first', async () => {
    expect(await watched([long, long])).to.deep.equal({ looks: 2, stops: [['no progress', 1]] });
  });

  it('never ends one that was only once found so, however often', async () => {
    expect((await watched([long, 0, long, 0, long])).stops).to.deep.equal([]);
  });

  it('begins again after a look that failed: the store may just be back', async () => {
    expect((await watched([long, new Error('the store is away'), long])).stops).to.deep.equal([]);
  });

  it('never ends one whose batches wait for less than twice the time', async () => {
    const almost = 2 * stuckAfterMs - 1;
    expect((await watched([almost, almost, almost])).stops).to.deep.equal([]);
  });

  it('never ends one that holds a batch, for it waits for the database', async () => {
    expect((await watched([long, long, long], 1)).stops).to.deep.equal([]);
  });

  it('is not ready while it holds batches and finishes none, though none waits any more', async () => {
    const waiting = { isPaused: () => Promise.resolve(false), oldestWaitingMs: () => Promise.resolve(0) };
    const check = (sinceMs: number | undefined) => {
      const holdsSince = sinceMs === undefined ? undefined : performance.now() - sinceMs;
      return new Watchdog(waiting, { lastProgressAt: 0, inHand: 1, holdsSince }, 1_000).checkProgress();
    };
    await check(undefined);
    await check(500);
    const error = await check(5_000).catch((reason: unknown) => reason);
    expect(error)
      .to.be.an('error')
      .with.property('message')
      .that.matches(/^batches are in hand, and none was finished for \d+ s$/);
  });
});
