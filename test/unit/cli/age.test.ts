import { expect } from 'chai';
import { formatTime, formatTimeAndAge } from '../../../packages/cli/src/output/age.js';

const ago = (ms: number): string => / \((.*)\)/.exec(formatTimeAndAge(new Date(Date.now() - ms)))?.[1] ?? '';
const day = 86_400_000;

describe('times for people', () => {
  it('are in UTC without milliseconds', () => {
    expect(formatTime(new Date('2023-09-14T08:30:03.123Z'))).to.equal('2023-09-14T08:30:03Z');
  });
  it('tell how long ago it was, in the largest unit that fits', () => {
    expect([5_000, 90_000, 3 * day, 45 * day, 800 * day].map(ago)).to.deep.equal([
      '5 seconds ago',
      '1 minute ago',
      '3 days ago',
      '1 month ago',
      '2 years ago',
    ]);
  });
  it('tell of what is still to come', () => {
    expect(ago(-2 * day - 60_000)).to.equal('in 2 days');
  });
  it('are a dash where there is none', () => {
    expect(formatTimeAndAge(null)).to.equal('–');
  });
});
