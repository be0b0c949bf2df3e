import { expect } from 'chai';
import { clockOf, textOfClock, timeOf } from '../../../packages/worker/src/reconcile/wall-clock.js';

const kyiv = 'Europe/Kyiv';

describe('The clock of a source', () => {
  it('shows local time, in winter and in summer', () => {
    expect(textOfClock(clockOf(Date.UTC(2026, 0, 1, 10), kyiv))).to.equal('2026-01-01T12:00:00');
    expect(textOfClock(clockOf(Date.UTC(2026, 6, 1, 10), kyiv))).to.equal('2026-07-01T13:00:00');
    expect(clockOf(5, 'UTC')).to.equal(5);
  });

  it('leads back to a time, but for the hour that it skips and the one that comes twice', () => {
    for (const time of [Date.UTC(2026, 0, 1, 10), Date.UTC(2026, 6, 1, 10)])
      expect(timeOf(clockOf(time, kyiv), kyiv)).to.equal(time);
    const hourMs = 3_600_000;
    for (const skippedOrTwice of [Date.UTC(2026, 2, 29, 3, 30), Date.UTC(2026, 9, 25, 3, 30)]) {
      const there = clockOf(timeOf(skippedOrTwice, kyiv), kyiv);
      expect(Math.abs(there - skippedOrTwice)).to.be.at.most(hourMs);
    }
  });
});
