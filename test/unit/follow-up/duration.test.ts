import { expect } from 'chai';
import { compileActions } from '../../../packages/worker/src/follow-up/action.js';
import { handlerOf } from '../../support/follow-up/actions.js';

const handlers = new Map([['test', handlerOf(() => undefined)]]);
const compileWith = (maxDelay: unknown) => compileActions([{ name: 'a', when: {}, run: 'test', retry: { maxDelay } }], handlers);

describe('a duration', () => {
  for (const [written, ms] of [
    [250, 250],
    ['20ms', 20],
    ['30s', 30_000],
    ['5m', 300_000],
    ['6h', 21_600_000],
    ['2d', 172_800_000],
    ['30d', 2_592_000_000],
  ] as const) {
    it(`${written} is ${ms} ms`, () => {
      expect(compileWith(written).actions[0]?.retry.maxDelayMs).to.equal(ms);
    });
  }

  for (const wrong of [0, -5, 1.5, '', '5', 's', '5 m', '1.5h', '-3s', '5M', '1h30m', '0s', '00m', true, null]) {
    it(`is not ${JSON.stringify(wrong)}`, () => {
      expect(compileWith(wrong).problems).to.have.lengthOf(1);
    });
  }
});
