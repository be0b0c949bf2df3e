import { expect } from 'chai';
import { likelyZone, timeOfUuid } from '../../../packages/cli/src/doctor/likely-zone.js';

/** A UUID of version 1 made at that time. */
function uuidAt(ms: number): string {
  const ticks = BigInt(ms - Date.UTC(1582, 9, 15)) * 10_000n;
  const hex = ticks.toString(16).padStart(15, '0');
  return `${hex.slice(7)}-${hex.slice(3, 7)}-1${hex.slice(0, 3)}-8000-0050569bdf92`;
}
const hour = 3_600_000;
/** Activities two seconds after their identifier, on a clock that is `ahead`; every third comes a day later. */
const rowsOf = (ahead: (ms: number) => number, months = [0, 3, 6, 9], each = 10) =>
  months.flatMap((month) =>
    Array.from({ length: each }, (_, n) => {
      const made = Date.UTC(2025, month, 10, 12, n);
      return { iid: uuidAt(made), ms: made + 2_000 + (n % 3 === 2 ? 24 * hour : 0) + ahead(made) };
    }),
  );

describe('the time zone that a source seems to have', () => {
  it('reads the time in an identifier of version 1', () => {
    expect(timeOfUuid(uuidAt(Date.UTC(2025, 5, 1)))).to.equal(Date.UTC(2025, 5, 1));
    // RFC 9562, appendix A.1.
    expect(new Date(timeOfUuid('c232ab00-9414-11ec-b3c8-9f6bdeced846')).toISOString()).to.equal('2022-02-22T19:22:22.000Z');
  });

  it('is the one that is set when activities follow their identifiers', () => {
    expect(
      likelyZone(
        rowsOf(() => 0),
        'UTC',
        10,
      ),
    ).to.deep.include({ minutesOff: 0 });
    expect(
      likelyZone(
        rowsOf(() => 0),
        'Europe/Kyiv',
        10,
      ),
    ).to.deep.include({ minutesOff: 0 });
  });

  it('is named when a clock in Kyiv was taken for UTC, in winter, in summer', () => {
    const winter = likelyZone(
      rowsOf(() => 2 * hour, [0, 1]),
      'UTC',
      10,
    );
    expect(winter?.minutesOff).to.equal(120);
    expect(winter?.zones[0]).to.equal('Europe/Kyiv');
    const summer = likelyZone(
      rowsOf(() => 3 * hour, [5, 6]),
      'UTC',
      10,
    );
    expect(summer?.minutesOff).to.equal(180);
    expect(summer?.zones[0]).to.equal('Europe/Kyiv');
  });

  it('is UTC when such a clock was taken for Kyiv', () => {
    const likely = likelyZone(
      rowsOf(() => -2 * hour, [0, 1]),
      'Europe/Kyiv',
      10,
    );
    expect(likely?.minutesOff).to.equal(-120);
    expect(likely?.zones[0]).to.equal('UTC');
  });

  it('is unknown from a few, and from times that no zone explains', () => {
    expect(
      likelyZone(
        rowsOf(() => 2 * hour, [0], 5),
        'UTC',
        10,
      ),
    ).to.equal(undefined);
    expect(
      likelyZone(
        rowsOf(() => 7 * 60_000),
        'UTC',
        10,
      ),
    ).to.equal(undefined);
    expect(
      likelyZone(
        rowsOf(() => 20 * hour),
        'UTC',
        10,
      ),
    ).to.equal(undefined);
  });
});
