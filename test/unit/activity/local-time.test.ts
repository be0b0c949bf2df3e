import { expect } from 'chai';
import fc from 'fast-check';
import { parseLocalTime, wallClockOf } from '../../../packages/worker/src/activity/local-time.js';

const inZone = (text: string, timeZone: string): string | undefined => {
  const ms = parseLocalTime(text, timeZone);
  return ms === undefined ? undefined : new Date(ms).toISOString();
};

describe('parseLocalTime', () => {
  it('takes the text as UTC where the source says UTC', () => {
    expect(inZone('2023-09-14T08:30:03', 'UTC')).to.equal('2023-09-14T08:30:03.000Z');
  });

  it('knows winter and summer in Kyiv', () => {
    expect(inZone('2024-01-15T12:00:00', 'Europe/Kyiv')).to.equal('2024-01-15T10:00:00.000Z');
    expect(inZone('2024-07-15T12:00:00', 'Europe/Kyiv')).to.equal('2024-07-15T09:00:00.000Z');
  });

  it('refuses the hour that daylight saving time skips', () => {
    expect(inZone('2024-03-31T02:59:59', 'Europe/Kyiv')).to.equal('2024-03-31T00:59:59.000Z');
    expect(inZone('2024-03-31T03:00:00', 'Europe/Kyiv')).to.be.undefined;
    expect(inZone('2024-03-31T03:59:59', 'Europe/Kyiv')).to.be.undefined;
    expect(inZone('2024-03-31T04:00:00', 'Europe/Kyiv')).to.equal('2024-03-31T01:00:00.000Z');
  });

  it('takes the first of an hour that comes twice', () => {
    expect(inZone('2024-10-27T03:30:00', 'Europe/Kyiv')).to.equal('2024-10-27T00:30:00.000Z');
    expect(inZone('2024-04-07T01:45:00', 'Australia/Lord_Howe')).to.equal('2024-04-06T14:45:00.000Z');
  });

  for (const [text, utc] of [
    ['2024-01-15T12:00:00Z', '2024-01-15T12:00:00.000Z'],
    ['2024-01-15T12:00:00+02:00', '2024-01-15T10:00:00.000Z'],
    ['2024-01-15T12:00:00+0200', '2024-01-15T10:00:00.000Z'],
    ['2024-01-15T12:00:00-03:30', '2024-01-15T15:30:00.000Z'],
    ['2024-03-31T03:30:00Z', '2024-03-31T03:30:00.000Z'],
  ] as const)
    it(`an offset wins over the zone: ${text}`, () => {
      expect(inZone(text, 'Europe/Kyiv')).to.equal(utc);
    });

  for (const [text, utc] of [
    ['2024-01-15T12:00:00.5', '2024-01-15T12:00:00.500Z'],
    ['2024-01-15T12:00:00.123456789', '2024-01-15T12:00:00.123Z'],
    ['2024-01-15T12:00:00.9999+00:00', '2024-01-15T12:00:00.999Z'],
  ] as const)
    it(`cuts a fraction to milliseconds: ${text}`, () => {
      expect(inZone(text, 'UTC')).to.equal(utc);
    });

  for (const text of [
    '2024-02-30T00:00:00',
    '2023-02-29T00:00:00',
    '2024-13-01T00:00:00',
    '2024-00-10T00:00:00',
    '2024-01-00T00:00:00',
    '0000-01-01T00:00:00',
    '2024-01-01T24:00:00',
    '2024-01-01T12:60:00',
    '2024-01-01T12:00:60',
    '2024-01-01T12:00:00+24:00',
    '2024-01-01T12:00:00+02:60',
    '2024-01-01T12:00:00+99:99',
    '2024-01-01 12:00:00',
    '2024-01-01T12:00',
    '2024-01-01',
    ' 2024-01-01T12:00:00',
    '2024-01-01T12:00:00 ',
    '2024-01-01T12:00:00.',
    '12024-01-01T12:00:00',
    '٢٠٢٤-01-01T12:00:00',
    '',
  ])
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(parseLocalTime(text, 'UTC')).to.be.undefined;
      expect(parseLocalTime(text, 'Europe/Kyiv')).to.be.undefined;
    });

  it('refuses what lies beyond the year 9999 in UTC, which PostgreSQL could not read', () => {
    expect(inZone('9999-12-31T23:59:59', 'UTC')).to.equal('9999-12-31T23:59:59.000Z');
    expect(parseLocalTime('9999-12-31T23:59:59-14:00', 'UTC')).to.be.undefined;
    expect(parseLocalTime('9999-12-31T23:59:59', 'America/New_York')).to.be.undefined;
  });

  it('gives back every second of UTC', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('0100-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
        const text = date.toISOString().slice(0, 19);
        expect(inZone(text, 'UTC')).to.equal(`${text}.000Z`);
        expect(parseLocalTime(date.toISOString(), 'Asia/Tokyo')).to.equal(date.getTime());
      }),
    );
  });

  it('gives in any zone the first moment at which its clocks show the text', () => {
    const zone = fc.constantFrom(
      'Europe/Kyiv',
      'America/New_York',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
      'Pacific/Apia',
      'Africa/Cairo',
    );
    const moment = fc.date({ min: new Date('1980-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(zone, moment, (timeZone, date) => {
        const shown = clock(date.getTime(), timeZone);
        const parsed = parseLocalTime(shown, timeZone) ?? Number.NaN;
        expect(clock(parsed, timeZone)).to.equal(shown);
        expect(parsed).to.be.at.most(date.getTime());
      }),
    );
  });
});

describe('wallClockOf', () => {
  for (const [text, zone, shown] of [
    ['2024-07-15T12:00:00', 'Europe/Kyiv', '2024-07-15T12:00:00'],
    ['2024-07-15T12:00:00.04999', 'Europe/Kyiv', '2024-07-15T12:00:00.049'],
    ['2024-07-15T12:00:00.000', 'UTC', '2024-07-15T12:00:00'],
    ['1969-12-31T23:59:59.5', 'UTC', '1969-12-31T23:59:59.500'],
    ['2024-07-15T12:00:00Z', 'Europe/Kyiv', '2024-07-15T15:00:00'],
    ['2024-07-15T12:00:00.5+03:00', 'UTC', '2024-07-15T09:00:00.500'],
    ['2024-07-15T12:00:00.5+0300', 'Europe/Kyiv', '2024-07-15T12:00:00.500'],
  ] as const)
    it(`of ${text} in ${zone} is ${shown}`, () => {
      expect(wallClockOf(text, zone, parseLocalTime(text, zone)!)).to.equal(shown);
    });
});

/** What a clock of the zone shows, by the formatter of the JavaScript engine. */
function clock(ms: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return format.format(ms).replace(' ', 'T');
}
