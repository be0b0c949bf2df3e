import { expect } from 'chai';
import { weightOf } from '../../../packages/worker/src/intake/pipeline.js';

describe('the weight of a batch', () => {
  it('is its number of elements, sound or broken, where they are of usual size', () => {
    expect(weightOf({ total: 500, body: Buffer.alloc(500 * 600) })).to.equal(500);
  });

  it('keeps large bodies of few elements apart: not two of 50 MB go into one transaction', () => {
    const usualMaximum = 2_000;
    expect(weightOf({ total: 1, body: Buffer.alloc(50_000_000) })).to.be.greaterThan(usualMaximum);
  });
});
