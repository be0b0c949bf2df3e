import { expect } from 'chai';
import fc from 'fast-check';
import { HandSize } from '../../../packages/worker/src/intake/hand-size.js';

const mebibyte = 2 ** 20;
const settings = { concurrency: 128, maxBytesInFlight: 4 * mebibyte };

/** After each of the batches was taken; none of them is done. */
function sizesAfter(batches: readonly number[], given = settings): number[] {
  const hand = new HandSize(given);
  return batches.map((bytes) => {
    hand.taken(bytes);
    return hand.size;
  });
}

describe('the number of batches in hand', () => {
  it('is two before the first one has shown how large they are, and again behind an empty queue', () => {
    const hand = new HandSize(settings);
    expect(hand.size).to.equal(2);
    hand.fetched();
    hand.queueEmpty(); // BullMQ asks for the next one before it begins with this one
    hand.taken(5_000);
    expect(hand.size, 'one is in hand').to.equal(128);
    hand.left();
    expect(hand.size).to.equal(2);
  });

  it('stays while the queue has more, even when all in hand are done at once', () => {
    const hand = new HandSize(settings);
    hand.queueEmpty();
    hand.fetched();
    hand.taken(5_000);
    hand.left();
    expect(hand.size).to.equal(128);
  });

  it('is what the configuration says while batches are small', () => {
    expect(sizesAfter([0, 2, 5_000, 250_000, 500_000])).to.deep.equal([128, 128, 128, 128, 128]);
  });

  it('falls at the first large batch, and rises again once small ones are usual', () => {
    const [first, second, ...sizes] = sizesAfter([16 * mebibyte, ...Array.from({ length: 60 }, () => 5_000)]);
    expect(first).to.equal(4);
    expect(second).to.be.lessThan(10);
    expect(sizes).to.deep.equal([...sizes].sort((a, b) => a - b));
    expect(sizes.at(-1)).to.equal(128);
  });

  it('is two where one batch is larger than all that may be in memory, and one where no more is wanted', () => {
    expect(sizesAfter([64 * mebibyte])).to.deep.equal([2]);
    expect(sizesAfter([64 * mebibyte], { ...settings, concurrency: 1 })).to.deep.equal([1]);
  });

  it('never lets as many of the size of the last one pass what may be held', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 64 * mebibyte }), { minLength: 1, maxLength: 50 }), (batches) => {
        for (const [index, size] of sizesAfter(batches).entries()) {
          expect(size).to.be.within(2, 128);
          if (size > 2) expect(size * batches[index]!).to.be.at.most(64 * mebibyte);
        }
      }),
    );
  });
});
