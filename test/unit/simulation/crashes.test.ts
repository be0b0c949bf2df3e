import { expect } from 'chai';
import fc from 'fast-check';
import { parseBatch } from '../../../packages/worker/src/activity/parse-batch.js';
import { foldActivities } from '../../../packages/worker/src/projection/fold.js';
import { isOpen } from '../../../packages/worker/src/follow-up/breaker.js';
import { brokenElement, statuses } from '../../support/arbitrary-activity.js';
import { condition, context, World } from '../../support/simulation.js';

/** What has one identity is one and the same: of two that differ, whichever comes first would count. */
const element = fc
  .record({ status: fc.constantFrom(...statuses), second: fc.nat(3), message: fc.nat(4) })
  .map(({ status, second, message }) =>
    JSON.stringify({
      activityStatus: status,
      activityDateTime: `2024-03-01T08:00:0${second}`,
      iid: `i${message}`,
      mediaType: message === 1 ? 'sms' : 'email',
      contactId: message < 3 ? 1 : 2,
      email: second === 3 ? null : `${message}${second}@example.com`,
    }),
  );
const body = fc
  .array(fc.oneof({ weight: 5, arbitrary: element }, { weight: 1, arbitrary: brokenElement }), { maxLength: 5 })
  .map((elements) => `[${elements.join()}]`);

const kinds = ['worker', 'worker', 'feeder', 'deliverer', 'deliverer', 'deliverer'] as const;
const step = fc.record({
  /** Who goes on, or dies. */
  who: fc.nat(kinds.length - 1),
  dies: fc.nat(9).map((drawn) => drawn === 0),
  waitMs: fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 20_000 }) }),
});
const answer = fc.constantFrom('well', 'unavailable', 'well, but the answer is lost');

/** The processes of a world; one that has ended, or died, begins anew. */
function processesOf(world: World): { goOn: () => boolean; die: () => void }[] {
  return kinds.map((kind) => {
    let self = {};
    let process = world[kind](self);
    const renew = () => {
      self = {};
      process = world[kind](self);
    };
    return {
      goOn() {
        if (!process.next().done) return true;
        renew();
        return false;
      },
      die() {
        world.die(self);
        renew();
      },
    };
  });
}

describe('a world in which any process dies between any two steps', function () {
  this.timeout(60_000);

  it('ends with each activity once in log and projection, each follow-up done under one key, and an obeyed breaker', () => {
    let deaths = 0;
    let repeatedCalls = 0;
    fc.assert(
      fc.property(
        fc.array(body, { minLength: 1, maxLength: 5 }),
        fc.array(step, { minLength: 20, maxLength: 150 }),
        fc.array(answer, { maxLength: 25 }),
        (bodies, steps, answers) => {
          const world = new World([...answers]);
          const processes = processesOf(world);
          for (const acknowledged of [...bodies, ...bodies.slice(0, 2)]) world.post(acknowledged); // the sender repeats
          for (const { who, dies, waitMs } of steps) {
            world.now += waitMs;
            if (dies) {
              processes[who]?.die();
              deaths++;
            } else processes[who]?.goOn();
          }
          drain(world, processes);

          const sound = bodies.flatMap((text) => parseBatch(Buffer.from(text), context).activities);
          const once = new Map(sound.map((activity) => [activity.key, activity]));
          expect([...world.database.log.keys()].sort()).to.deep.equal([...once.keys()].sort());
          expect(world.database.projected.length, 'applied twice').to.equal(once.size);
          expect(foldActivities(world.database.projected)).to.deep.equal(foldActivities(once.values()));

          const due = [...once.values()].filter((activity) => condition.matches(activity)).map(({ key }) => key);
          const ledger = [...world.database.ledger.values()];
          expect(ledger.map(({ id, state }) => [id, state]).sort()).to.deep.equal(due.sort().map((key) => [key, 'done']));
          expect([...world.received.keys()].sort(), 'keys that were called').to.deep.equal(due);
          for (const bodiesOfKey of world.received.values()) {
            expect(new Set(bodiesOfKey).size, 'one key, one body').to.equal(1);
            repeatedCalls += bodiesOfKey.length - 1;
          }
          expect(world.complaints).to.deep.equal([]);
        },
      ),
      { numRuns: 2_000 },
    );
    expect(deaths).to.be.greaterThan(5_000);
    expect(repeatedCalls, 'calls were repeated under their key').to.be.greaterThan(100);
  });
});

/** Nobody dies any more: all is done by itself, before long. */
function drain(world: World, processes: readonly { goOn: () => boolean }[]): void {
  for (let round = 0; round < 20_000; round++) {
    const busy = processes.map(({ goOn }) => goOn()).some((goesOn) => goesOn);
    const open = [...world.database.ledger.values()].some(({ state }) => state !== 'done');
    if (!busy && !open && world.batches.size === 0 && world.calls.size === 0) return;
    world.now += isOpen(world.database.breaker, world.now) ? 5_000 : 100;
  }
  throw new Error('it did not come to an end');
}
