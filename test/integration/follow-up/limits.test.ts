import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { actionOf } from '../../support/follow-up/actions.js';
import { activity } from '../../support/follow-up/activities.js';
import { Bed } from '../../support/follow-up/bed.js';
import { recorder } from '../../support/follow-up/calls.js';
import { until } from '../../support/poll.js';
import { storeKinds } from '../../support/stores.js';

const people = (count: number) => Array.from({ length: count }, (_, index) => activity({ contactId: index + 1 }));

for (const kind of storeKinds) {
  describe(`limits (${kind})`, () => {
    let bed: Bed;
    beforeEach(async () => (bed = await Bed.open(kind)));
    afterEach(() => bed.close());

    it('no worker makes more calls at once than the action’s concurrency', async () => {
      const recorded = recorder(() => sleep(20));
      const action = actionOf({ concurrency: 3 }, recorded.handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(60));
      await bed.reach('done', 60);
      expect(recorded.most).to.equal(3);
    });

    it('all workers together make no more calls in a time than the action’s rate', async () => {
      const { handler, calls } = recorder();
      const action = actionOf({ rateLimit: { max: 5, perMs: 1_000 } }, handler);
      const { plan } = await bed.worker([action]);
      await bed.worker([action]);
      await plan([action], people(20));
      await bed.reach('done', 20);
      const began = calls.map((call) => call.began).sort((a, b) => a - b);
      expect(began.at(-1)! - began[0]!).to.be.greaterThan(2_700);
      // The time may begin anywhere: at most one time's calls at its end and one's at the next one's beginning.
      for (const [index, time] of began.entries())
        expect((began[index + 10] ?? Number.POSITIVE_INFINITY) - time).to.be.greaterThan(700); // of 1,000: a call begins a little after it was let through
    });

    it('a slow action delays no other', async () => {
      const stuck = new AbortController();
      const slow = recorder(
        (_given, { signal }) => sleep(60_000, undefined, { signal: AbortSignal.any([signal, stuck.signal]) }),
        { name: 'slow' },
      );
      const fast = recorder();
      const actions = [actionOf({ name: 'slow', run: 'slow' }, slow.handler), actionOf({ name: 'fast' }, fast.handler)];
      const { plan } = await bed.worker(actions);
      await plan(actions, people(100));
      await bed.reach('done', 100, { action: 'fast', timeoutMs: 5_000 });
      await until('it has as many calls under way as it may', () => slow.underWay === 10);
      stuck.abort();
    });
  });
}
