import { expect } from 'chai';
import { CallLimit } from '../../../packages/worker/src/follow-up/call-limit.js';
import { CallSlots } from '../../../packages/worker/src/follow-up/call-slots.js';
import { rejection, until } from '../../support/poll.js';

const never = new Promise<never>(() => undefined);

describe('the limit of a call', () => {
  it('gives what the call gives, and is then forgotten by whoever may stop it', async () => {
    const stop = new AbortController();
    const limit = new CallLimit(20, stop.signal);
    expect(await limit.wait(Promise.resolve('done'))).to.equal('done');
    stop.abort(new Error('stopping'));
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect([limit.signal.aborted, limit.timedOut]).to.deep.equal([false, false]);
  });

  it('tells the handler when its time is over, and waits for it a moment longer', async () => {
    const limit = new CallLimit(10, new AbortController().signal);
    const late = new Promise((resolve) => limit.signal.addEventListener('abort', () => setTimeout(() => resolve('late'), 20)));
    expect(await limit.wait(late)).to.equal('late');
    expect(limit.timedOut).to.be.true;
    const { name, message } = limit.signal.reason as DOMException;
    expect([name, message]).to.deep.equal(['TimeoutError', 'no answer within 10 ms']);
  });

  it('leaves a handler behind that does not listen, with what it was told', async () => {
    const limit = new CallLimit(10, new AbortController().signal);
    const began = performance.now();
    expect((await rejection(limit.wait(never))).name).to.equal('TimeoutError');
    expect(performance.now() - began).to.be.at.least(1_000);
  });

  it('passes on why the process stops, which is no time-out, and no second reason behind it', async () => {
    const stop = new AbortController();
    const limit = new CallLimit(30, stop.signal);
    const waiting = rejection(limit.wait(never));
    stop.abort(new Error('shutting down'));
    expect((await waiting).message).to.equal('shutting down');
    expect((limit.signal.reason as Error).message).to.equal('shutting down');
  });
});

describe('slots for calls', () => {
  it('let no more in than there are, in the order in which they came, and each goes on when one before it ends', async () => {
    const slots = new CallSlots(2);
    const events: string[] = [];
    const ends: (() => void)[] = [];
    const calls = ['a', 'b', 'c', 'd'].map((name) =>
      slots.use(async () => {
        events.push(name);
        await new Promise<void>((resolve) => ends.push(resolve));
        return name;
      }),
    );
    await until('two are in', () => ends.length === 2);
    expect(events).to.deep.equal(['a', 'b']);
    ends[1]?.();
    await until('a third is in', () => ends.length === 3);
    expect(events).to.deep.equal(['a', 'b', 'c']);
    ends[0]?.();
    await until('the last is in', () => ends.length === 4);
    for (const end of ends) end();
    expect(await Promise.all(calls)).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('are free again after what failed', async () => {
    const slots = new CallSlots(1);
    for (let time = 0; time < 3; time++)
      expect((await rejection(slots.use(() => Promise.reject(new Error('no'))))).message).to.equal('no');
    expect(await slots.use(() => Promise.resolve('done'))).to.equal('done');
  });
});
