import { expect } from 'chai';
import { counted } from '../../../packages/cli/src/output/plural.js';

describe('counts in words', () => {
  it('have the right plural', () => {
    expect([0, 1, 2, 12_000].map((count) => counted(count, 'follow-up'))).to.deep.equal([
      '0 follow-ups',
      '1 follow-up',
      '2 follow-ups',
      '12,000 follow-ups',
    ]);
    expect([1, 2].map((count) => counted(count, 'batch', 'batches'))).to.deep.equal(['1 batch', '2 batches']);
  });
});
