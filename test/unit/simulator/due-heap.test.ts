import { expect } from 'chai';
import fc from 'fast-check';
import { DueHeap } from '../../../packages/simulator/src/due-heap.js';

describe('DueHeap', () => {
  it('gives out what is due first, and of what is due together what went in first', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (times) => {
        const heap = new DueHeap<number>();
        times.forEach((at, order) => heap.push(at, order));
        expect(heap.firstAt).to.equal(Math.min(Infinity, ...times));
        const out = times.map(() => heap.pop());
        const expected = times.map((at, value) => [at, value] as const).sort(([a], [b]) => a - b);
        expect(out.map((item) => [item?.at, item?.value])).to.deep.equal(expected);
        expect(heap.pop()).to.equal(undefined);
      }),
    );
  });
});
