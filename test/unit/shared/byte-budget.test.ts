import { expect } from 'chai';
import fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import { ByteBudget } from '../../../packages/shared/src/byte-budget.js';

describe('ByteBudget', () => {
  it('gives at once what fits, and counts it until it is put back', async () => {
    const budget = new ByteBudget(100);
    const release = await budget.take(60, 0);
    expect(budget.used).to.equal(60);
    release?.();
    expect(budget.used).to.equal(0);
  });

  it('lets wait what does not fit, until there is room', async () => {
    const budget = new ByteBudget(100);
    const first = await budget.take(80, 1_000);
    const second = budget.take(30, 1_000);
    first?.();
    expect(await second).to.be.a('function');
    expect(budget.used).to.equal(30);
  });

  it('gives nothing to what waited too long, and counts nothing for it', async () => {
    const budget = new ByteBudget(100);
    const first = await budget.take(80, 1_000);
    expect(await budget.take(30, 10)).to.equal(undefined);
    expect(budget.used).to.equal(80);
    first?.();
    expect(budget.used).to.equal(0);
  });

  it('serves in order: a small one does not pass a large one that waits', async () => {
    const budget = new ByteBudget(100);
    const first = await budget.take(80, 1_000);
    const served: string[] = [];
    const large = budget.take(100, 1_000).then((release) => (served.push('large'), release));
    const small = budget.take(1, 1_000).then((release) => (served.push('small'), release));
    first?.();
    (await large)?.();
    (await small)?.();
    expect(served).to.deep.equal(['large', 'small']);
  });

  it('goes on with those behind one that gave up', async () => {
    const budget = new ByteBudget(100);
    await budget.take(80, 0);
    const large = budget.take(100, 20);
    const small = budget.take(10, 1_000);
    expect(await large).to.equal(undefined);
    expect(await small).to.be.a('function');
    expect(budget.used).to.equal(90);
  });

  it('lets one request pass that is larger than all there is, alone', async () => {
    const budget = new ByteBudget(100);
    const release = await budget.take(1_000_000, 0);
    expect(release).to.be.a('function');
    expect(await budget.take(1, 0)).to.equal(undefined);
    release?.();
    expect(budget.used).to.equal(0);
  });

  it('lets giants go one after the other, in room of their own, instead of letting each hold what the others wait for', async () => {
    const budget = new ByteBudget(100, 60);
    const giants = Array.from({ length: 4 }, () => budget.share(1_000));
    await Promise.all(giants.map((giant) => giant.hold(25))); // all of them have begun
    const done: number[] = [];
    await Promise.all(
      giants.map(async (giant, nth) => {
        for (const bytes of [70, 300]) await giant.hold(bytes).then(() => sleep(1));
        done.push(nth);
        giant.release();
      }),
    );
    expect(done.toSorted()).to.deep.equal([0, 1, 2, 3]);
    expect(budget.used).to.equal(0);
  });

  it('never has more out than there is, and gets everything back', async () => {
    const request = fc.record({ bytes: fc.nat(150), waitMs: fc.nat(5), holdMs: fc.nat(3), beforeMs: fc.nat(2) });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 25 }), async (requests) => {
        const total = 100;
        const budget = new ByteBudget(total);
        let out = 0;
        await Promise.all(
          requests.map(async ({ bytes, waitMs, holdMs, beforeMs }) => {
            await sleep(beforeMs);
            const release = await budget.take(bytes, waitMs);
            if (release === undefined) return;
            out += Math.min(bytes, total);
            expect(out).to.be.at.most(total);
            await sleep(holdMs);
            out -= Math.min(bytes, total);
            release();
          }),
        );
        expect(budget.used).to.equal(0);
        expect(await budget.take(total, 0)).to.be.a('function');
      }),
      { numRuns: 60 },
    );
  });
});
