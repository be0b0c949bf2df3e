import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { UnavailableError } from '../../../packages/shared/src/index.js';
import { actionOf } from '../../support/follow-up/actions.js';
import { activity } from '../../support/follow-up/activities.js';
import { Bed } from '../../support/follow-up/bed.js';
import { recorder } from '../../support/follow-up/calls.js';
import { until } from '../../support/poll.js';
import { storeKinds } from '../../support/stores.js';

const people = (count: number, from = 1) => Array.from({ length: count }, (_, index) => activity({ contactId: from + index }));

for (const kind of storeKinds) {
  describe(`a dead endpoint (${kind})`, () => {
    let bed: Bed;
    beforeEach(async () => (bed = await Bed.open(kind)));
    afterEach(() => bed.close());

    it('is left alone, probed by one call of all workers, and called again step by step once it is well', async () => {
      let dead = true;
      const recorded = recorder(
        async () => {
          await sleep(30);
          if (dead) throw new UnavailableError('503');
        },
        { name: 'dead' },
      );
      const { calls } = recorded;
      const well = recorder();
      const actions = [
        actionOf({ name: 'dead', run: 'dead', retry: { maxDelay: 50 } }, recorded.handler),
        actionOf({ name: 'well' }, well.handler),
      ];
      const { plan } = await bed.worker(actions);
      await bed.worker(actions);
      await plan(actions, people(400));
      const blocked = await until('it is left alone', async () => {
        const [state] = await bed.query<{ blocked_until: Date | null; opened: number }>(
          `select * from vidhuk.action_state where action = 'dead'`,
        );
        return state?.opened === 1 && (state.blocked_until ?? undefined);
      });
      await until('the calls under way have ended', () => recorded.underWay === 0);
      const atFirst = calls.length;
      expect(atFirst).to.be.within(5, 40); // two workers, ten calls at once each, which may have begun another
      // Another action is not concerned.
      await bed.reach('done', 400, { action: 'well' });
      await until('most of the queue was handed back', async () => (await bed.counts('dead')).queued === undefined);
      await until('a probe was made and failed', async () => {
        const [state] = await bed.query<{ opened: number }>(`select opened from vidhuk.action_state where action = 'dead'`);
        return state?.opened === 2;
      });
      expect(calls).to.have.lengthOf(atFirst + 1);
      expect(performance.timeOrigin + calls[atFirst]!.began).to.be.at.least(blocked.getTime() - 5);

      dead = false;
      await bed.query(`update vidhuk.action_state set blocked_until = now() where action = 'dead'`);
      recorded.most = 0;
      await bed.reach('done', 400, { action: 'dead', timeoutMs: 25_000 });
      const recovery = calls.slice(atFirst + 1);
      expect(recovery).to.have.lengthOf(400);
      // A call may begin only when fewer are under way than were successful before it, and the first alone.
      for (const [index, call] of recovery.entries()) {
        const ended = recovery.filter((other) => other.ended !== null && other.ended <= call.began).length;
        expect(index - ended, `under way when call ${index} begins`).to.be.at.most(ended);
      }
      const [state] = await bed.query(
        `select failures, opened, blocked_until, allowed from vidhuk.action_state where action = 'dead'`,
      );
      expect(state).to.deep.equal({ failures: 0, opened: 0, blocked_until: null, allowed: null });
    }).timeout(60_000);

    it('that asks for time gets it from all workers', async () => {
      const isKnown = async () => (await bed.query('select from vidhuk.action_state where blocked_until is not null')).length > 0;
      const { handler, calls } = recorder(async () => {
        if (calls.length === 1) throw new UnavailableError('429', 1_500);
        await until('the other worker can know of it', isKnown);
      });
      const action = actionOf({ concurrency: 1 }, handler);
      const { plan } = await bed.worker([action]);
      await bed.worker([action]);
      await plan([action], people(12));
      await until('it was asked', () => calls.length > 0);
      await bed.reach('done', 12);
      const first = calls[0]!.began;
      expect(calls.filter(({ began }) => began < first + 1_400).length).to.be.at.most(2);
    });

    for (const [wrong, byMs] of [
      ['an hour slow', -3_600_000],
      ['an hour fast', 3_600_000],
    ] as const) {
      it(`pauses by the database’s clock when a worker’s is ${wrong}`, async () => {
        const right = Date.now;
        Date.now = () => right() + byMs;
        try {
          const { handler, calls } = recorder(() => {
            throw new UnavailableError('503');
          });
          const action = actionOf({ concurrency: 1, retry: { maxDelay: 20 } }, handler);
          const { plan } = await bed.worker([action]);
          await plan([action], people(6));
          const { pauseMs } = await until('it is left alone', async () => {
            const [state] = await bed.query<{ pauseMs: number }>(
              `select extract(epoch from blocked_until - updated_at)::float8 * 1000 as "pauseMs" from vidhuk.action_state where opened = 1`,
            );
            return state;
          });
          expect(pauseMs).to.be.within(3_750, 10_000);
          await bed.query(`update vidhuk.action_state set blocked_until = now() + interval '1 minute'`);
          const before = calls.length;
          await sleep(500);
          expect(calls).to.have.lengthOf(before);
          await bed.query('update vidhuk.action_state set blocked_until = now()');
          await until('it is probed', () => calls.length > before);
        } finally {
          Date.now = right;
        }
      });
    }

    it('jobs that are in the queue since before the pause are no probes', async () => {
      let dead = true;
      const recorded = recorder(() => {
        if (dead) throw new UnavailableError('503');
        return sleep(100);
      });
      // So slow a rate that the pause is over before the queue is empty.
      const action = actionOf({ concurrency: 5, rateLimit: { max: 20, perMs: 1_000 } }, recorded.handler);
      const { plan } = await bed.worker([action]);
      await plan([action], people(60));
      await until(
        'it is left alone',
        async () => (await bed.query('select 1 from vidhuk.action_state where opened = 1')).length === 1,
      );
      await until('nothing is under way', () => recorded.underWay === 0);
      dead = false;
      recorded.most = 0;
      const before = recorded.calls.length;
      await bed.query('update vidhuk.action_state set blocked_until = now()');
      await until('it recovers', () => recorded.calls.length >= before + 3);
      const [probe, second] = recorded.calls.slice(before);
      expect(second!.began).to.be.greaterThan(probe!.ended!);
    });
  });
}
