import { expect } from 'chai';
import fc from 'fast-check';
import { PermanentError, RefusedTogether, RetryLater } from '../../../packages/shared/src/index.js';
import { actionOf } from '../../support/follow-up/actions.js';
import { activity, noon } from '../../support/follow-up/activities.js';
import { Bed } from '../../support/follow-up/bed.js';
import { recorder, type Call } from '../../support/follow-up/calls.js';
import { until } from '../../support/poll.js';
import { storeKinds } from '../../support/stores.js';

interface Plan {
  /** For each activity, in order of time: its contact, and how often its call fails before it succeeds; 9 is for ever, 8 too, and all with it. */
  steps: { contact: number; failures: number }[];
  /** The order in which they are planned, all before the first call. */
  grouped: boolean;
}

const plans: fc.Arbitrary<Plan> = fc.record({
  steps: fc.array(fc.record({ contact: fc.integer({ min: 1, max: 6 }), failures: fc.constantFrom(0, 0, 0, 0, 1, 2, 8, 9) }), {
    minLength: 20,
    maxLength: 60,
  }),
  grouped: fc.boolean(),
});

for (const kind of storeKinds) {
  describe(`order (${kind})`, () => {
    it('the calls for one contact go out in order of their activities, singly and in groups, whatever fails, over two workers', async () => {
      await fc.assert(
        fc.asyncProperty(plans, async ({ steps, grouped }) => {
          const bed = await Bed.open(kind);
          try {
            const failuresLeft = new Map<string, number>();
            const activities = steps.map(({ contact, failures }, index) => {
              const made = activity({ contactId: contact, occurredAt: noon + index * 1_000 });
              failuresLeft.set(made.key, failures);
              return made;
            });
            const { handler, calls } = recorder((given, ctx) => {
              if (given.some(({ key }) => failuresLeft.get(key) === 8)) {
                const refusal = new RefusedTogether('one of these');
                for (const each of given) ctx.fail(each, refusal);
                return;
              }
              for (const each of given) {
                const left = failuresLeft.get(each.key) ?? 0;
                if (left === 9) ctx.fail(each, new PermanentError('never'));
                else if (left > 0) {
                  failuresLeft.set(each.key, left - 1);
                  ctx.fail(each, new Error('not yet'));
                }
              }
              if (given.length === 4 && ctx.attempt === 1) throw new Error('the whole call');
            });
            const action = actionOf(
              { retry: { attempts: 20, maxDelay: 40 }, ...(grouped ? { group: { max: 4, withinMs: 10 } } : {}) },
              handler,
            );
            await bed.plan([action], activities);
            await bed.worker([action], { pollMs: 20 });
            await bed.worker([action], { pollMs: 20 });
            const rows = await bed.settled();
            expectOrder(calls);
            for (const [index, { key }] of activities.entries()) {
              const row = rows.find(({ activity_key }) => activity_key === key);
              expect(row?.state).to.equal((steps[index]?.failures ?? 0) < 8 ? 'done' : 'failed');
            }
          } finally {
            await bed.close();
          }
        }),
        { numRuns: 3, endOnFailure: true },
      );
    }).timeout(60_000);

    it('an activity that comes late goes before those of its contact that wait for another attempt', async () => {
      for (const grouped of [false, true]) {
        const bed = await Bed.open(kind);
        try {
          const late = activity({ occurredAt: noon });
          const [first, second] = [activity({ occurredAt: noon + 1_000 }), activity({ occurredAt: noon + 2_000 })];
          let failing = true;
          const { handler, calls } = recorder(([each]) => {
            // Due again after the others are: nothing but its place in the order puts it before them.
            if (failing) throw each?.key === late.key ? new RetryLater(600) : new Error('not yet');
          });
          const group = grouped ? { group: { max: 4, withinMs: 0 } } : {};
          const action = actionOf({ retry: { attempts: 20, maxDelay: 400 }, ...group }, handler);
          const { plan } = await bed.worker([action], { pollMs: 20 });
          await plan([action], [first, second]);
          await bed.failedAndWaiting(first, ...(grouped ? [second] : []));
          await plan([action], [late]);
          // A look at the ledger that began before it was there may still hand out the first; when it has been out itself, that look is over.
          await bed.failedAndWaiting(late);
          failing = false;
          const before = calls.length;
          await bed.reach('done', 3);
          const succeeded = calls.slice(before).flatMap(({ occurred }) => occurred);
          expect(succeeded).to.deep.equal([...succeeded].sort());
          expect(succeeded).to.have.lengthOf(3);
        } finally {
          await bed.close();
        }
      }
    });

    it('a call that waits for another attempt goes before an activity that comes late, in between two of its own', async () => {
      const bed = await Bed.open(kind);
      try {
        let failing = true;
        const { handler, calls } = recorder(() => {
          if (failing) throw new Error('not yet');
        });
        const action = actionOf({ retry: { attempts: 20, maxDelay: 400 }, group: { max: 4, withinMs: 0 } }, handler);
        const { plan } = await bed.worker([action], { pollMs: 20 });
        await plan([action], [activity({ occurredAt: noon + 1_000 }), activity({ occurredAt: noon + 3_000 })]);
        await until('both went out', () => calls.length > 0);
        await bed.reachStates({ waiting: 2 });
        expect(calls[0]?.activities).to.have.lengthOf(2);
        const late = activity({ occurredAt: noon + 2_000 });
        await plan([action], [late]);
        await bed.reachStates({ waiting: 3 });
        failing = false;
        await bed.reach('done', 3);
        expect(calls.at(-1)?.activities).to.deep.equal([late.key]);
      } finally {
        await bed.close();
      }
    });
  });
}

/** No call began while an earlier activity of one of its contacts was not at its end, save within the same call. */
function expectOrder(calls: readonly Call[]): void {
  const lastOf = new Map<string, number>();
  for (const [index, call] of calls.entries()) for (const key of call.activities) lastOf.set(key, index);
  const occurred = new Map<string, string>();
  const contactOf = new Map<string, number | null>();
  for (const call of calls) {
    for (const [index, key] of call.activities.entries()) {
      occurred.set(key, call.occurred[index]!);
      contactOf.set(key, call.contacts[index]!);
    }
    expect(call.occurred).to.deep.equal([...call.occurred].sort());
  }
  for (const [index, call] of calls.entries()) {
    for (const key of call.activities) {
      for (const [other, last] of lastOf) {
        if (contactOf.get(other) !== contactOf.get(key) || occurred.get(other)! >= occurred.get(key)!) continue;
        const together = call.activities.includes(other);
        if (!together) expect(calls[last]!.ended, `an earlier one had ended before call ${index}`).to.be.at.most(call.began);
        if (!together) expect(last).to.be.lessThan(index);
      }
    }
  }
}
