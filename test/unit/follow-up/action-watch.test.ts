import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobQueue } from '../../../packages/shared/src/index.js';
import type { Action } from '../../../packages/worker/src/follow-up/action.js';
import { ActionWatch } from '../../../packages/worker/src/follow-up/action-watch.js';
import type { Feeder } from '../../../packages/worker/src/follow-up/feeder.js';
import { timedId } from '../../support/batch-queue.js';
import { silentLog } from '../../support/log-lines.js';
import { until } from '../../support/poll.js';

/** Of an action of which a job waits for an hour and none is taken. */
function watch({
  rateLimit = null,
  sinceLookMs = 0,
  waits = true,
}: {
  rateLimit?: Action['rateLimit'];
  sinceLookMs?: number;
  waits?: boolean;
}) {
  const stops: string[] = [];
  const queue = {
    getCountsPerPriority: () => Promise.resolve({ 0: waits ? 1 : 0 }),
    getRanges: () => Promise.resolve([timedId(Date.now() - 3_600_000)]),
    isPaused: () => Promise.resolve(false),
  } as Partial<JobQueue<unknown>> as JobQueue<unknown>;
  const watching = new ActionWatch();
  watching.lastProgressAt = Number.NEGATIVE_INFINITY;
  const parts = { log: silentLog(), stop: (reason: string) => void stops.push(reason), stuckAfterMs: 20 };
  const feeder: Pick<Feeder, 'sinceLookMs'> = { sinceLookMs };
  watching.start({ name: 'tell', rateLimit } as Action, queue, feeder as Feeder, parts);
  return { stops, end: () => watching.end() };
}

describe('the watch of an action', () => {
  it('ends a process that takes no jobs of it, and one that does not look at the ledger', async () => {
    for (const given of [{}, { waits: false, sinceLookMs: 60_000 }]) {
      const { stops, end } = watch(given);
      await until('it is ended', () => stops.length > 0);
      end();
      expect(stops[0]).to.equal('no progress');
    }
  });

  it('takes a slow rate for no sign that something is stuck', async () => {
    const { stops, end } = watch({ rateLimit: { max: 1, perMs: 3_600_000 } });
    await sleep(300); // fifteen times what is stuck without a rate
    end();
    expect(stops).to.deep.equal([]);
  });

  it('leaves a process alone that has nothing to do', async () => {
    const { stops, end } = watch({ waits: false });
    await sleep(300);
    end();
    expect(stops).to.deep.equal([]);
  });
});
