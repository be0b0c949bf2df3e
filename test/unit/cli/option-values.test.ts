import { expect } from 'chai';
import {
  parseDate,
  parseHeader,
  parseInteger,
  parsePositive,
  parseShare,
} from '../../../packages/cli/src/options/option-values.js';

/** What commander turns into a message with the option's name. */
const refusal = { code: 'commander.invalidArgument' };
const refuse = (parse: () => unknown, text?: string) => expect(parse, text).to.throw().that.includes(refusal);

describe('option values', () => {
  it('take a share as per cent or as a fraction', () => {
    expect(['1%', '0.01', '.5', '100%', '0', '1'].map(parseShare)).to.deep.equal([0.01, 0.01, 0.5, 1, 0, 1]);
    for (const bad of ['101%', '1.1', '-1%', 'x', '', '1 %', '%']) refuse(() => parseShare(bad), bad);
  });

  it('take whole numbers as such only', () => {
    expect(parseInteger('-7')).to.equal(-7);
    for (const bad of ['1.5', '1e3', '', ' 1', '9007199254740993', 'x']) refuse(() => parseInteger(bad), bad);
    refuse(() => parsePositive('0'));
  });

  it('gather headers', () => {
    expect(parseHeader('X-Webhook-Token: a: b', parseHeader('Other:1', {}))).to.deep.equal({
      other: '1',
      'x-webhook-token': 'a: b',
    });
    refuse(() => parseHeader('no value', {}));
  });

  it('take dates in ISO 8601', () => {
    expect(parseDate('2026-09-01').toISOString()).to.equal('2026-09-01T00:00:00.000Z');
    refuse(() => parseDate('yesterday'));
  });
});
