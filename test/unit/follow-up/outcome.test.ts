import { expect } from 'chai';
import fc from 'fast-check';
import { GoneError, PermanentError, RetryLater, UnavailableError } from '../../../packages/shared/src/index.js';
import { done, failed, handedBack } from '../../../packages/worker/src/follow-up/outcome.js';
import { actionOf } from '../../support/follow-up/actions.js';

const row = { id: 'row', jobId: 'job', attempts: 0 };
const policy = { attempts: 5, maxDelayMs: 3_600_000 };
const hourMs = 3_600_000;

describe('the outcome of a call', () => {
  it('done: nothing is left to do', () => {
    expect(done(row)).to.include({ id: 'row', jobId: 'job', state: 'done', attempted: true, error: null, leavesGroup: false });
  });

  it('handed back: waits again at once, and no attempt is counted', () => {
    expect(handedBack(row)).to.include({ state: 'waiting', attempted: false, delayMs: 0, error: null, leavesGroup: false });
  });

  it('a permanent failure is final', () => {
    expect(failed(row, new PermanentError('no'), policy)).to.include({
      state: 'failed',
      attempted: true,
      error: 'no',
      delayMs: null,
    });
  });

  it('a failure that says when is repeated then', () => {
    expect(failed(row, new RetryLater(7_000), policy)).to.include({ state: 'waiting', delayMs: 7_000 });
  });

  it('an endpoint that asks for time gets it, when it is more than the backoff', () => {
    expect(failed(row, new UnavailableError('503', 50_000), policy).delayMs).to.equal(50_000);
    expect(failed(row, new UnavailableError('503', 1), policy).delayMs).to.be.greaterThan(1_000);
  });

  it('an endpoint that is gone keeps the row waiting, whatever the attempts', () => {
    expect(failed({ ...row, attempts: 100 }, new GoneError('410'), policy)).to.include({ state: 'waiting', attempted: true });
  });

  it('the last attempt that the policy allows is final, and says so', () => {
    const result = failed({ ...row, attempts: 4 }, new Error('broken'), policy);
    expect(result).to.include({ state: 'failed', error: 'given up after 5 attempts: broken' });
    expect(failed({ ...row, attempts: 3 }, new Error('broken'), policy).state).to.equal('waiting');
  });

  it('backs off twice as long each time, up to the cap, less a random half', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.integer({ min: 1, max: 10 * hourMs }), (attempts, maxDelayMs) => {
        const { delayMs } = failed({ ...row, attempts }, new Error('x'), { attempts: 1_000, maxDelayMs });
        const full = Math.min(maxDelayMs, 5_000 * 2 ** attempts);
        expect(delayMs).to.be.within(Math.floor(full / 2), full);
      }),
    );
  });

  it('goes on for at least two days by default', () => {
    const { retry } = actionOf({});
    for (let round = 0; round < 20; round++) {
      let sum = 0;
      for (let attempts = 0; ; attempts++) {
        const { state, delayMs } = failed({ ...row, attempts }, new Error('x'), retry);
        if (state === 'failed') break;
        sum += delayMs ?? 0;
      }
      expect(sum).to.be.greaterThan(48 * hourMs);
    }
  });

  it('gives a delay that the ledger can hold, whatever a handler asks for', () => {
    for (const delay of [Number.NaN, Number.POSITIVE_INFINITY, -5, 1.5, 1e300, Number.MIN_VALUE]) {
      for (const error of [new RetryLater(delay), new UnavailableError('x', delay)]) {
        const { delayMs } = failed(row, error, policy);
        expect(delayMs, `${error.name} ${delay}`).to.satisfy(Number.isSafeInteger);
        expect(delayMs).to.be.within(0, 30 * 24 * hourMs);
      }
    }
  });

  it('keeps a message short, and in characters that PostgreSQL takes', () => {
    const { error } = failed(row, new Error(`\u0000${'x'.repeat(998)}😀😀`), policy);
    expect(error?.length).to.be.at.most(1_000);
    expect(error).to.not.include('\u0000');
    expect(error?.isWellFormed()).to.be.true;
    expect(failed(row, new Error('half \ud83d of it'), policy).error?.isWellFormed()).to.be.true;
  });

  it('records something also where a handler throws what is no error', () => {
    expect(failed(row, undefined, policy).error).to.equal('undefined');
    expect(failed(row, 'text', policy).error).to.equal('text');
    expect(failed(row, Object.create(null), policy).error).to.be.a('string');
  });
});
