import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { actionOf } from '../../support/follow-up/actions.js';
import { activity } from '../../support/follow-up/activities.js';
import { Bed } from '../../support/follow-up/bed.js';
import { recorder } from '../../support/follow-up/calls.js';
import { until } from '../../support/poll.js';
import { storeKinds } from '../../support/stores.js';

const people = (count: number, from = 1) => Array.from({ length: count }, (_, index) => activity({ contactId: from + index }));
/** Long enough for several looks at the ledger. */
const aWhile = () => sleep(300);

for (const kind of storeKinds) {
  describe(`what is not called (${kind})`, () => {
    let bed: Bed;
    beforeEach(async () => (bed = await Bed.open(kind)));
    afterEach(() => bed.close());

    it('a disabled action plans its rows, calls nothing, and calls them once it is enabled', async () => {
      const { handler, calls } = recorder();
      const disabled = actionOf({ enabled: false }, handler);
      const { plan, followUps } = await bed.worker([disabled]);
      await plan([disabled], people(5));
      await aWhile();
      await bed.reach('waiting', 5);
      expect(calls).to.deep.equal([]);
      await followUps.run([actionOf({}, handler)]);
      await bed.reach('done', 5);
    });

    it('an action disabled by hand likewise', async () => {
      const { handler, calls } = recorder();
      const action = actionOf({}, handler);
      const { plan } = await bed.worker([action]);
      await bed.query(`update vidhuk.action_state set disabled_at = now()`);
      await plan([action], people(5));
      await aWhile();
      await bed.reach('waiting', 5);
      expect(calls).to.deep.equal([]);
      await bed.query(`update vidhuk.action_state set disabled_at = null`);
      await bed.reach('done', 5);
    });

    for (const [what, change] of [
      ['is disabled', { enabled: false }],
      ['becomes a dry run', { dryRun: true }],
    ] as const) {
      it(`an action that ${what} while rows are in its queue takes them back`, async () => {
        let letGo: () => void = () => undefined;
        const gate = new Promise<void>((resolve) => (letGo = resolve));
        const { handler, calls } = recorder(() => gate);
        const action = actionOf({ concurrency: 2 }, handler);
        const { plan, followUps } = await bed.worker([action]);
        await plan([action], people(50));
        await until('calls are under way', () => calls.length === 2);
        await bed.reach('queued', 50);
        const changing = followUps.run([actionOf({ concurrency: 2, ...change }, handler)]);
        letGo();
        await changing;
        const rows = await bed.reachStates({ done: calls.length, waiting: 50 - calls.length });
        expect(calls.length).to.be.lessThan(50);
        expect(new Set(rows.map(({ state, attempts }) => `${state} ${attempts}`))).to.deep.equal(
          new Set(['done 1', 'waiting 0']),
        );
        await followUps.run([action]);
        await bed.reach('done', 50);
      });
    }

    it('a dry run records what it would have handed over and calls nothing, ever', async () => {
      const { handler, calls } = recorder();
      const dry = actionOf({ dryRun: true }, handler);
      const { plan, followUps } = await bed.worker([dry]);
      await plan([dry], people(3));
      await aWhile();
      const rows = await bed.reach('dry-run', 3);
      for (const row of rows) {
        expect(row.activity).to.include({ status: 'DELIVERED', address: 'ann@example.com' });
        expect(row.contact).to.have.property('last_delivered_at');
      }
      await followUps.run([actionOf({}, handler)]);
      await aWhile();
      await bed.reach('dry-run', 3);
      expect(calls).to.deep.equal([]);
    });

    it('an action that is no longer configured keeps its rows for when it comes back', async () => {
      const { handler, calls } = recorder();
      const action = actionOf({}, handler);
      const other = actionOf({ name: 'other' }, handler);
      const { plan, followUps } = await bed.worker([other]);
      await bed.plan([action], people(3));
      await plan([other], people(2, 10));
      await bed.reachStates({ done: 2, waiting: 3 });
      await aWhile();
      expect(calls).to.have.lengthOf(2);
      await followUps.run([other, action]);
      await bed.reach('done', 5);
    });

    it('a change of one action leaves the calls of another alone', async () => {
      let letGo: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => (letGo = resolve));
      const slow = recorder(() => gate, { name: 'slow' });
      const fast = recorder();
      const kept = actionOf({ name: 'kept', run: 'slow' }, slow.handler);
      const changed = (timeoutMs: number) => actionOf({ name: 'changed', timeoutMs }, fast.handler);
      const { plan, followUps } = await bed.worker([kept, changed(1_000)]);
      await plan([kept], people(1));
      await until('a call is under way', () => slow.underWay === 1);
      await followUps.run([kept, changed(2_000)]);
      expect(slow.calls[0]!.signal.aborted).to.be.false;
      await plan([changed(2_000)], people(1, 50));
      await bed.reach('done', 1, { action: 'changed' });
      letGo();
      await bed.reach('done', 2);
      expect(slow.calls).to.have.lengthOf(1);
    });
  });
}
