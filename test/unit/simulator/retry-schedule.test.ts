import { expect } from 'chai';
import { retryDelayMs } from '../../../packages/simulator/src/retry-schedule.js';

describe('retryDelayMs', () => {
  it('doubles from one minute up to an hour and stays there', () => {
    const minutes = Array.from({ length: 8 }, (_, index) => retryDelayMs(index + 1) / 60_000);
    expect(minutes).to.deep.equal([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(retryDelayMs(5_000)).to.equal(3_600_000);
  });
});
