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
  describe(`stopping (${kind})`, () => {
    let bed: Bed;
    beforeEach(async () => (bed = await Bed.open(kind)));
    afterEach(() => bed.close());

    it('lets calls under way finish and begins no other; the rest is another worker’s', async () => {
      const { handler, calls } = recorder(() => sleep(300));
      const action = actionOf({ concurrency: 4 }, handler);
      const { plan, followUps } = await bed.worker([action]);
      await plan([action], people(20));
      await until('calls are under way', () => calls.length >= 4);
      await followUps.stop();
      expect(calls.every(({ ended }) => ended !== null)).to.be.true;
      const done = await bed.counts();
      expect(done.done).to.equal(calls.length);
      const other = await bed.worker([action]);
      await bed.reach('done', 20);
      await other.followUps.stop();
      expect(calls).to.have.lengthOf(20);
    });

    it('hands back within its deadline what does not finish, whether or not it listens, and counts no attempt for it', async () => {
      let stubborn = true;
      const stuck = new AbortController();
      const { handler, calls } = recorder(async (given, { signal }) => {
        if (!stubborn) return;
        const listens = given[0]!.contactId! % 2 === 0;
        await sleep(60_000, undefined, { signal: listens ? signal : stuck.signal });
      });
      const action = actionOf({ concurrency: 4 }, handler);
      const { plan, followUps } = await bed.worker([action], { finishMs: 500 });
      await plan([action], people(4));
      await until('calls are under way', () => calls.length === 4);
      const started = performance.now();
      await followUps.stop();
      expect(performance.now() - started).to.be.lessThan(3_000);
      const rows = await bed.reach('waiting', 4);
      expect(rows.map(({ attempts }) => attempts)).to.deep.equal([0, 0, 0, 0]);
      stubborn = false;
      stuck.abort();
      await bed.worker([action]);
      await bed.reach('done', 4);
      expect(new Set(calls.map(({ key }) => key)).size).to.equal(4);
      expect(calls).to.have.lengthOf(8);
    }).timeout(30_000);
  });
}
