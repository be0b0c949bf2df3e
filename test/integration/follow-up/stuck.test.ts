import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import type { QueueStore } from '../../../packages/shared/src/index.js';
import { actionOf, actionsOf } from '../../support/follow-up/actions.js';
import { activity } from '../../support/follow-up/activities.js';
import { Bed } from '../../support/follow-up/bed.js';
import { recorder } from '../../support/follow-up/calls.js';
import { rejection, until } from '../../support/poll.js';
import { storeKinds } from '../../support/stores.js';

const never = () => new Promise<never>(() => undefined);
const people = (count: number, from = 1) => Array.from({ length: count }, (_, index) => activity({ contactId: from + index }));

/** A store of which every worker is changed. */
const withWorkers =
  (changes: (close: () => Promise<void>) => Partial<Awaited<ReturnType<QueueStore['openWorker']>>>) =>
  (store: QueueStore): QueueStore => ({
    ...store,
    async openWorker(...args) {
      const worker = await store.openWorker(...args);
      const { name, concurrency } = worker;
      const real = {
        name,
        concurrency,
        run: () => worker.run(),
        isRunning: () => worker.isRunning(),
        close: () => worker.close(),
        on: (event: 'active' | 'drained', listener: () => void) => worker.on(event, listener),
      };
      return { ...real, ...changes(real.close) };
    },
  });
const withQueues =
  (open: (store: QueueStore, name: string) => ReturnType<QueueStore['openQueue']>) =>
  (store: QueueStore): QueueStore => ({
    ...store,
    openQueue: (name) => open(store, name) as ReturnType<typeof store.openQueue<never>>,
  });

for (const kind of storeKinds) {
  describe(`an action that does not work any more (${kind})`, () => {
    let bed: Bed;
    beforeEach(async () => (bed = await Bed.open(kind)));
    afterEach(() => bed.close());
    const stuckAfterMs = 300;

    async function stopOf(wrapStore: (store: QueueStore) => QueueStore): Promise<[string, number]> {
      const action = actionOf({}, recorder().handler);
      const stops: [string, number][] = [];
      const { plan } = await bed.worker([action], {
        wrapStore,
        stuckAfterMs,
        finishMs: 0,
        stop: (...given) => stops.push(given),
      });
      await plan([action], people(1));
      return until('the process is ended for a restart', () => stops[0]);
    }

    it('because its worker takes no jobs ends the process', async () => {
      expect(await stopOf(withWorkers(() => ({ run: never })))).to.deep.equal(['no progress', 1]);
    });

    it('because its worker has ended ends the process', async () => {
      const run = () => Promise.reject(new Error('lost'));
      expect(await stopOf(withWorkers(() => ({ run })))).to.deep.equal(['the worker of an action ended', 1]);
    });

    it('because its rows are not handed to the queue ends the process', async () => {
      const hanging = withQueues(async (store, name) => {
        const queue = await store.openQueue(name);
        queue.addBulk = never;
        queue.getJob = never;
        return queue;
      });
      expect(await stopOf(hanging)).to.deep.equal(['no progress', 1]);
    });

    it('is told from one whose call takes long, one that is disabled, and one that waits for its rate', async () => {
      const slow = recorder(() => sleep(4 * stuckAfterMs), { name: 'slow' });
      const quick = recorder();
      const rateLimit = { max: 1, perMs: 1_500 };
      const actions = actionsOf(
        [{ name: 'slow', run: 'slow', concurrency: 1 }, { name: 'disabled' }, { name: 'rated', rateLimit }],
        [slow.handler, quick.handler],
      );
      const { plan } = await bed.worker(actions, { stuckAfterMs });
      await bed.query(`update vidhuk.action_state set disabled_at = now() where action = 'disabled'`);
      await plan(actions, people(3));
      await bed.reachStates({ done: 6, waiting: 3 });
    });
  });

  describe(`actions of which one cannot be started (${kind})`, () => {
    let bed: Bed;
    beforeEach(async () => (bed = await Bed.open(kind)));
    afterEach(() => bed.close());

    it('run without it, and with it once it can', async () => {
      let away = true;
      const wrapStore = withQueues((store, name) => {
        if (away && name.endsWith('second')) throw new Error('the store is away');
        return store.openQueue(name);
      });
      const actions = actionsOf([{ name: 'first' }, { name: 'second' }, { name: 'third' }], [recorder().handler]);
      const { followUps, plan } = await bed.worker([], { wrapStore });
      expect((await rejection(followUps.run(actions))).message).to.equal('');
      await plan(actions, people(1));
      await bed.reachStates({ done: 2, waiting: 1 });
      away = false;
      await followUps.run(actions);
      await bed.reach('done', 3);
    });
  });
}

describe('an action whose old worker never closes', () => {
  it('is at work with its new settings all the same', async () => {
    const bed = await Bed.open('redis');
    const hanging = new Set<() => Promise<void>>();
    try {
      const { handler } = recorder();
      const wrapStore = withWorkers((close) => ({ close: hanging.size === 0 ? (hanging.add(close), never) : close }));
      const { followUps, plan } = await bed.worker([actionOf({}, handler)], { wrapStore, finishMs: 0 });
      const changed = actionOf({ concurrency: 2 }, handler);
      await followUps.run([changed]);
      await plan([changed], people(1));
      await bed.reach('done', 1);
    } finally {
      for (const close of hanging) await close();
      await bed.close();
    }
  });
});
