import { expect } from 'chai';
import fc from 'fast-check';
import { isolateCulprits } from '../../../packages/worker/src/projection/isolate-culprits.js';
import { rejection } from '../../support/poll.js';

describe('isolateCulprits', () => {
  it('finds exactly the culprits, in order, with at most 2·k·(log2(n) + 1) + 1 tests', async () => {
    const flags = fc.array(fc.oneof({ weight: 8, arbitrary: fc.constant(false) }, fc.boolean()), { maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(flags, async (isCulprit) => {
        const items = isCulprit.map((_, index) => index);
        let tests = 0;
        const found = await isolateCulprits(items, (group) => {
          tests++;
          return Promise.resolve(group.some((index) => isCulprit[index]));
        });
        const culprits = items.filter((index) => isCulprit[index]);
        expect(found).to.deep.equal(culprits);
        const depth = Math.ceil(Math.log2(Math.max(items.length, 1)));
        expect(tests).to.be.at.most(2 * culprits.length * (depth + 1) + 1);
      }),
    );
  });

  it('tests nothing where there is nothing', async () => {
    expect(await isolateCulprits([], () => Promise.reject(new Error('asked')))).to.deep.equal([]);
  });

  it('ends with the first test that fails', async () => {
    let tests = 0;
    const failing = isolateCulprits([1, 2, 3, 4], () =>
      ++tests < 3 ? Promise.resolve(true) : Promise.reject(new Error('away')),
    );
    expect((await rejection(failing)).message).to.equal('away');
    expect(tests).to.equal(3);
  });
});
