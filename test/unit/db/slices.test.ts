import { expect } from 'chai';
import fc from 'fast-check';
import { slicesByWeight } from '../../../packages/worker/src/db/slices.js';

describe('slicesByWeight', () => {
  const slices = (weights: number[], most: number) => slicesByWeight(weights, (weight) => weight, most);

  it('gives every item once, in order, and no slice that weighs more than allowed, but for one large item', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), fc.integer({ min: 1, max: 30 }), (weights, most) => {
        const found = slices(weights, most);
        expect(found.flat()).to.deep.equal(weights);
        for (const slice of found)
          expect(slice.length === 1 || slice.reduce((sum, weight) => sum + weight, 0) <= most).to.be.true;
      }),
    );
  });

  it('fills a slice before it begins another', () => {
    expect(slices([3, 3, 3, 3], 7)).to.deep.equal([
      [3, 3],
      [3, 3],
    ]);
    expect(slices([9, 1, 1], 7)).to.deep.equal([[9], [1, 1]]);
  });

  it('bounds the number of items, too', () => {
    expect(slices(new Array<number>(5_001).fill(0), 7).map(({ length }) => length)).to.deep.equal([5_000, 1]);
  });
});
