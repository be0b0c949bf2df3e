import { expect } from 'chai';
import fc from 'fast-check';
import { disorder } from '../../../packages/simulator/src/disorder.js';
import { Random } from '../../../packages/simulator/src/random.js';

function* numbers(): Generator<number, never> {
  for (let number = 0; ; number++) yield number;
}

describe('disorder', () => {
  it('lets exactly the asked number out and loses nothing that went in', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(3_000), (seed, total) => {
        const out = [...disorder(numbers(), total, new Random(seed))];
        expect(out).to.have.lengthOf(total);
        const highest = Math.max(-1, ...out);
        expect(new Set(out).size).to.equal(highest + 1);
      }),
      { numRuns: 60 },
    );
  });
});
