import { expect } from 'chai';
import fc from 'fast-check';
import {
  afterFailure,
  afterSuccess,
  closed,
  isOpen,
  mayBegin,
  type Breaker,
} from '../../../packages/worker/src/follow-up/breaker.js';

const t0 = 1_000_000;
/** Without randomness: exactly the pause. */
const middle = 0.5;
const fail = (breaker: Breaker, now = t0, retryAfterMs = 0) => afterFailure(breaker, now, retryAfterMs, middle);
const failTimes = (count: number, breaker = closed) =>
  Array.from({ length: count }).reduce<Breaker>((state) => fail(state), breaker);
const opened = failTimes(5);
const until = (breaker: Breaker) => breaker.blockedUntil ?? 0;

describe('the breaker', () => {
  it('opens after five failures in a row, for five seconds', () => {
    expect(isOpen(failTimes(4), t0)).to.be.false;
    expect(mayBegin(failTimes(4), 1_000, t0)).to.equal(Number.POSITIVE_INFINITY);
    expect(isOpen(opened, t0)).to.be.true;
    expect(until(opened) - t0).to.equal(5_000);
    expect(mayBegin(opened, 0, t0 + 4_999)).to.equal(0);
  });

  it('stays closed while successes come in between', () => {
    let breaker = closed;
    for (let round = 0; round < 20; round++) breaker = afterSuccess(failTimes(4, breaker), t0);
    expect(breaker).to.deep.equal(closed);
  });

  it('lets one probe through when the pause is over', () => {
    expect(mayBegin(opened, 0, until(opened))).to.equal(1);
    expect(mayBegin(opened, 1, until(opened))).to.equal(0);
  });

  it('opens again, twice as long, when the probe fails, up to five minutes', () => {
    let breaker = opened;
    const pauses: number[] = [];
    for (let round = 0; round < 10; round++) {
      const now = until(breaker);
      breaker = fail(breaker, now);
      pauses.push(until(breaker) - now);
    }
    expect(pauses).to.deep.equal([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000, 300_000, 300_000]);
    expect(mayBegin(breaker, 0, until(breaker))).to.equal(1);
  });

  it('doubles what is allowed with each round of successes, then forgets everything', () => {
    let breaker = opened;
    const now = until(opened);
    const allowed: number[] = [];
    while (breaker.allowed !== null) {
      allowed.push(breaker.allowed);
      for (let calls = mayBegin(breaker, 0, now); calls > 0 && breaker.allowed !== null; calls--)
        breaker = afterSuccess(breaker, now);
    }
    expect(allowed).to.deep.equal([1, 2, 4, 8, 16, 32, 64, 128]);
    expect(breaker).to.deep.equal(closed);
  });

  it('opens again at the first failure while it recovers', () => {
    const now = until(opened);
    const recovering = afterSuccess(afterSuccess(opened, now), now);
    expect(recovering.allowed).to.equal(3);
    const again = fail(recovering, now);
    expect(isOpen(again, now)).to.be.true;
    expect(again.allowed).to.equal(1);
  });

  it('has a pause that failures of calls under way do not lengthen', () => {
    expect(until(failTimes(50, opened))).to.equal(until(opened));
    expect(failTimes(50, opened).opened).to.equal(1);
  });

  it('has a pause that successes of calls under way do not shorten, and that ends in one probe', () => {
    let breaker = opened;
    for (let calls = 0; calls < 300; calls++) breaker = afterSuccess(breaker, t0);
    expect(isOpen(breaker, t0)).to.be.true;
    expect(mayBegin(breaker, 0, until(opened))).to.equal(1);
  });

  it('lengthens its pause when the endpoint asks for more, and not when it asks for less', () => {
    expect(until(fail(opened, t0, 60_000))).to.equal(t0 + 60_000);
    expect(until(fail(opened, t0, 1_000))).to.equal(until(opened));
    expect(until(fail(failTimes(4), t0, 60_000))).to.equal(t0 + 60_000);
  });

  it('pauses at the first failure already when the endpoint asks for it', () => {
    const asked = fail(closed, t0, 2_000);
    expect(mayBegin(asked, 0, t0 + 1_999)).to.equal(0);
    expect(mayBegin(asked, 0, t0 + 2_000)).to.be.greaterThan(1);
    expect(until(afterSuccess(asked, t0))).to.equal(t0 + 2_000);
  });

  it('waits a day at most, whatever the endpoint asks for', () => {
    for (const asked of [Number.POSITIVE_INFINITY, 1e300, Number.NaN]) {
      expect(until(fail(opened, t0, asked))).to.be.within(t0, t0 + 86_400_000);
    }
  });

  it('spreads its pauses by a quarter either way', () => {
    expect(until(afterFailure(failTimes(4), t0, 0, 0)) - t0).to.equal(3_750);
    expect(until(afterFailure(failTimes(4), t0, 0, 1)) - t0).to.equal(6_250);
  });

  it('forgets how often it opened once it is well again', () => {
    let breaker = fail(opened, until(opened));
    const now = until(breaker);
    while (breaker.allowed !== null) breaker = afterSuccess(breaker, now);
    expect(until(failTimes(5, breaker)) - t0).to.equal(5_000);
  });

  it('forgets it, too, once there was no pause for a minute, however few its calls are', () => {
    const reopened = fail(opened, until(opened));
    const now = until(reopened);
    const recovering = afterSuccess(afterSuccess(reopened, now), now + 59_999);
    expect(recovering.allowed).to.equal(3);
    expect(afterSuccess(recovering, now + 60_000)).to.deep.equal(closed);
  });

  it('opens again at a failure, however long nothing was called before it', () => {
    const now = until(opened) + 3_600_000;
    const again = fail(opened, now);
    expect(until(again) - now).to.equal(10_000);
  });

  describe('whatever happens', () => {
    type Step =
      { kind: 'wait'; ms: number } | { kind: 'begin' } | { kind: 'end'; ok: boolean; retryAfterMs: number; which: number };
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 20_000 }) }),
      fc.record({ kind: fc.constant('begin' as const) }),
      fc.record({
        kind: fc.constant('end' as const),
        ok: fc.boolean(),
        retryAfterMs: fc.oneof(
          { weight: 4, arbitrary: fc.constant(0) },
          { weight: 1, arbitrary: fc.integer({ min: 1, max: 30_000 }) },
        ),
        which: fc.nat(),
      }),
    );

    /** Begins as many calls as it may at every `begin`, at most 300 at once. */
    function play(steps: readonly Step[], check: (breaker: Breaker, underWay: number, now: number) => void) {
      let breaker = closed;
      let now = t0;
      let underWay = 0;
      for (const event of steps) {
        if (event.kind === 'wait') now += event.ms;
        else if (event.kind === 'begin') underWay += Math.min(mayBegin(breaker, underWay, now), 300 - underWay);
        else if (underWay > 0) {
          underWay--;
          breaker = event.ok ? afterSuccess(breaker, now) : afterFailure(breaker, now, event.retryAfterMs, middle);
        }
        check(breaker, underWay, now);
      }
      return { breaker, now };
    }

    it('no call begins while it is open, and never more than are allowed', () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
          play(steps, (breaker, underWay, now) => {
            const may = mayBegin(breaker, underWay, now);
            if (isOpen(breaker, now)) expect(may).to.equal(0);
            else if (breaker.allowed !== null) expect(may).to.equal(Math.max(0, breaker.allowed - underWay));
          });
        }),
      );
    });

    it('a pause ends, and an endpoint that is well is called without limit before long', () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
          let { breaker, now } = play(steps, () => undefined);
          let calls = 0;
          while (breaker.allowed !== null || isOpen(breaker, now)) {
            now = Math.max(now, until(breaker));
            expect(mayBegin(breaker, 0, now)).to.be.greaterThan(0);
            breaker = afterSuccess(breaker, now);
            expect(++calls).to.be.lessThan(300);
          }
        }),
      );
    });
  });
});
