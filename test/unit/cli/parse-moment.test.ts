import { expect } from 'chai';
import { parseMoment } from '../../../packages/cli/src/options/parse-moment.js';

describe('a moment on the command line', () => {
  it('is a date, a time in UTC unless it says otherwise, or so long ago', () => {
    expect(parseMoment('2026-09-01')).to.deep.equal(new Date('2026-09-01T00:00:00Z'));
    expect(parseMoment('2026-09-01T08:30:00')).to.deep.equal(new Date('2026-09-01T08:30:00Z'));
    expect(parseMoment('2026-09-01T08:30')).to.deep.equal(new Date('2026-09-01T08:30:00Z'));
    expect(parseMoment('2026-09-01T08:30:00+03:00')).to.deep.equal(new Date('2026-09-01T05:30:00Z'));
    expect(Date.now() - parseMoment('7d').getTime()).to.be.within(7 * 86_400_000, 7 * 86_400_000 + 5_000);
  });

  it('is nothing else', () => {
    for (const text of ['', 'yesterday', '7', '0d', '2026', '2026-13-01', '99999999d', '01/09/2026', '+012026-09-01', '-1d'])
      expect(() => parseMoment(text), text).to.throw('Write it as');
  });
});
