import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { GroupCommit } from '../../../packages/worker/src/db/group-commit.js';
import { rejection } from '../../support/poll.js';

interface Call {
  items: readonly number[];
  finish: () => void;
  fail: (error: Error) => void;
}

/** A group commit whose transactions end when the test says so. An item's size is itself, its outcome its square. */
function start(maxSize: number, maxTransactions: number) {
  const calls: Call[] = [];
  const running = new Set<Call>();
  let mostAtOnce = 0;
  const groups = new GroupCommit<number, number>(
    (items) =>
      new Promise((resolve, reject) => {
        const call: Call = {
          items,
          finish: () => {
            running.delete(call);
            resolve(items.map((item) => item * item));
          },
          fail: (error) => {
            running.delete(call);
            reject(error);
          },
        };
        calls.push(call);
        running.add(call);
        mostAtOnce = Math.max(mostAtOnce, running.size);
      }),
    { sizeOf: (item) => item, maxSize, maxTransactions },
  );
  return { groups, calls, running, mostAtOnce: () => mostAtOnce };
}

describe('GroupCommit', () => {
  it('puts what is submitted in one turn into one transaction', async () => {
    const { groups, calls } = start(100, 2);
    const outcomes = Promise.all([groups.submit(1), groups.submit(2), groups.submit(3)]);
    await turn();
    expect(calls.map(({ items }) => items)).to.deep.equal([[1, 2, 3]]);
    calls[0]?.finish();
    expect(await outcomes).to.deep.equal([1, 4, 9]);
  });

  it('puts what waited meanwhile into the next transaction', async () => {
    const { groups, calls } = start(100, 1);
    const outcomes = [groups.submit(1)];
    await turn();
    outcomes.push(groups.submit(2));
    await turn();
    outcomes.push(groups.submit(3));
    await turn();
    expect(calls.length).to.equal(1);
    calls[0]?.finish();
    await turn();
    expect(calls.map(({ items }) => items)).to.deep.equal([[1], [2, 3]]);
    calls[1]?.finish();
    expect(await Promise.all(outcomes)).to.deep.equal([1, 4, 9]);
  });

  it('rejects those of the failed transaction, and nobody else', async () => {
    const { groups, calls } = start(10, 1);
    const first = [groups.submit(4), groups.submit(6)].map(rejection);
    const second = groups.submit(7);
    await turn();
    calls[0]?.fail(new Error('away'));
    await turn();
    calls[1]?.finish();
    expect((await Promise.all(first)).map(({ message }) => message)).to.deep.equal(['away', 'away']);
    expect(await second).to.equal(49);
  });

  it('goes on after a failure that was thrown instead of rejected', async () => {
    let calls = 0;
    const groups = new GroupCommit<number, number>(
      (items) => {
        if (++calls === 1) throw new Error('thrown');
        return Promise.resolve([...items]);
      },
      { sizeOf: () => 1, maxSize: 10, maxTransactions: 1 },
    );
    expect((await rejection(groups.submit(1))).message).to.equal('thrown');
    expect(await groups.submit(2)).to.equal(2);
  });

  it('keeps order and limits for any arrivals: no group too large, never too many at once, every outcome to whom it belongs', async () => {
    const arrivals = fc.array(fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constant('turn'), fc.constant('end')), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(arrivals, fc.integer({ min: 1, max: 3 }), async (events, maxTransactions) => {
        const { groups, calls, running, mostAtOnce } = start(10, maxTransactions);
        const submitted: number[] = [];
        const outcomes: Promise<number>[] = [];
        for (const event of events) {
          if (typeof event === 'number') {
            submitted.push(event);
            outcomes.push(groups.submit(event));
          } else if (event === 'turn') await turn();
          else for (const call of [...running].slice(0, 1)) call.finish();
        }
        await turn();
        while (running.size > 0) {
          for (const call of running) call.finish();
          await turn();
        }
        expect(await Promise.all(outcomes)).to.deep.equal(submitted.map((item) => item * item));
        expect(calls.flatMap(({ items }) => items)).to.deep.equal(submitted);
        for (const { items } of calls)
          expect(items.length === 1 || items.reduce((sum, item) => sum + item, 0) <= 10, String(items)).to.be.true;
        expect(mostAtOnce()).to.be.at.most(maxTransactions);
      }),
    );
  });
});
