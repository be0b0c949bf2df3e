import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { backoffMs, retryForever, withDeadline, withTimeLimit } from '../../../packages/shared/src/index.js';
import { captureLog } from '../../support/log-lines.js';
import { rejection } from '../../support/poll.js';

const never = new Promise<never>(() => undefined);

describe('withDeadline', () => {
  it('gives the result of what is in time', async () => {
    expect(await withDeadline('work', 1_000, Promise.resolve('done'))).to.equal('done');
  });

  it('passes on the failure of what is in time', async () => {
    expect((await rejection(withDeadline('work', 1_000, Promise.reject(new Error('broken'))))).message).to.equal('broken');
  });

  it('says what did not answer and for how long it waited', async () => {
    const error = await rejection(withDeadline('the store', 20, never));
    expect(error.name).to.equal('DeadlineExceeded');
    expect(error.message).to.equal('the store: no answer within 20 ms');
  });

  it('drops a failure that comes too late', async () => {
    let fail: (error: Error) => void = () => undefined;
    const late = new Promise<never>((_resolve, reject) => (fail = reject));
    await rejection(withDeadline('work', 5, late));
    fail(new Error('late')); // an unhandled rejection would fail the run
  });
});

describe('withTimeLimit', () => {
  const stop = new AbortController();
  /** As what waits for an answer: nothing holds its signal but a listener. */
  const silent = (signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

  it('gives what is in time, and leaves its signal alone from then on', async () => {
    const stopping = new AbortController();
    const signal = await withTimeLimit(20, stopping.signal, (limited) => Promise.resolve(limited));
    stopping.abort();
    await sleep(50);
    expect(signal.aborted).to.equal(false);
  });

  it('ends what is not in time, also where garbage was collected meanwhile', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const waiting = rejection(withTimeLimit(200, stop.signal, silent));
    for (let times = 0; times < 3; times++) {
      await sleep(20);
      collect();
    }
    const ended = await Promise.race([waiting, sleep(5_000)]);
    expect(ended).to.include({ name: 'TimeoutError', message: 'no answer within 200 ms' });
  });

  it('ends with the process, and begins nothing once that has stopped', async () => {
    const stopping = new AbortController();
    const waiting = rejection(withTimeLimit(60_000, stopping.signal, silent));
    stopping.abort(new Error('stopped'));
    expect((await waiting).message).to.equal('stopped');
    const late = withTimeLimit(60_000, stopping.signal, () => Promise.reject(new Error('was begun')));
    expect((await rejection(late)).message).to.equal('stopped');
  });
});

describe('backoffMs', () => {
  it('doubles up to its cap and takes off no more than half', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (attempt) => {
        const full = Math.min(30_000, 500 * 2 ** (attempt - 1));
        const wait = backoffMs(attempt);
        expect(wait).to.be.within(Math.floor(full / 2), full);
      }),
    );
  });

  it('spreads those who wait', () => {
    expect(new Set(Array.from({ length: 50 }, () => backoffMs(10))).size).to.be.greaterThan(10);
  });
});

describe('retryForever', () => {
  it('repeats until it succeeds, warns of each new reason once, and tells that it is over', async () => {
    const captured = captureLog();
    const reasons = ['refused', 'refused', 'starting'];
    const work = () => {
      const reason = reasons.shift();
      return reason === undefined ? Promise.resolve('done') : Promise.reject(new Error(reason));
    };
    const signal = new AbortController().signal;
    expect(await retryForever('connecting', work, { log: captured.log, signal, capMs: 10 })).to.equal('done');
    const told = captured.lines().filter(({ level }) => Number(level) >= 30); // info
    expect(told.map(({ msg, err, attempt }) => [msg, err, attempt])).to.deep.equal([
      ['connecting failed, trying again', 'refused', 1],
      ['connecting failed, trying again', 'starting', 3],
      ['connecting succeeded', undefined, 4],
    ]);
  });

  it('never gives up by itself', async () => {
    let attempts = 0;
    const work = () => (++attempts < 100 ? Promise.reject(new Error('away')) : Promise.resolve(attempts));
    const signal = new AbortController().signal;
    expect(await retryForever('connecting', work, { log: captureLog().log, signal, capMs: 1 })).to.equal(100);
  });

  it('ends at once when it is told to stop', async () => {
    const stopping = new AbortController();
    const started = Date.now();
    const waiting = retryForever('connecting', () => Promise.reject(new Error('away')), {
      log: captureLog().log,
      signal: stopping.signal,
    });
    setTimeout(() => stopping.abort(), 20);
    await rejection(waiting);
    expect(Date.now() - started).to.be.lessThan(250);
  });

  it('does not start when it is stopped already', async () => {
    let called = false;
    const signal = AbortSignal.abort(new Error('stopping'));
    const work = () => Promise.resolve((called = true));
    expect((await rejection(retryForever('x', work, { log: captureLog().log, signal }))).message).to.equal('stopping');
    expect(called).to.be.false;
  });

  it('gives up what waiting cannot help', async () => {
    const signal = new AbortController().signal;
    let attempts = 0;
    const work = () => Promise.reject(new Error(`failure ${++attempts}`));
    const isFinal = () => attempts === 2;
    const error = await rejection(retryForever('x', work, { log: captureLog().log, signal, isFinal, capMs: 5 }));
    expect(error.message).to.equal('failure 2');
  });
});
