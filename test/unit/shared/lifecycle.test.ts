import { expect } from 'chai';
import { Lifecycle } from '../../../packages/shared/src/index.js';
import { captureLog } from '../../support/log-lines.js';

const never = new Promise<never>(() => undefined);

describe('Lifecycle', () => {
  it('closes in reverse order, one after the other', async () => {
    const lifecycle = new Lifecycle();
    const events: string[] = [];
    for (const name of ['first', 'second', 'third'])
      lifecycle.onClose(name, async () => {
        events.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        events.push(`${name} ends`);
      });
    expect(await lifecycle.close(captureLog().log, 1_000)).to.be.true;
    expect(events).to.deep.equal(['third', 'second', 'first'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  });

  it('tells everybody that it stops before it closes anything', async () => {
    const lifecycle = new Lifecycle();
    let aborted: boolean | undefined;
    lifecycle.onClose('x', () => {
      aborted = lifecycle.signal.aborted;
    });
    expect(lifecycle.signal.aborted).to.be.false;
    await lifecycle.close(captureLog().log, 1_000);
    expect(aborted).to.be.true;
  });

  it('goes on past closers that fail, and names them', async () => {
    const lifecycle = new Lifecycle();
    const captured = captureLog();
    let closed = false;
    lifecycle.onClose('last', () => {
      closed = true;
    });
    lifecycle.onClose('rejects', () => Promise.reject(new Error('broken')));
    lifecycle.onClose('throws', () => {
      throw new Error('broken too');
    });
    expect(await lifecycle.close(captured.log, 1_000)).to.be.false;
    expect(closed).to.be.true;
    expect(captured.lines().map(({ resource, err }) => [resource, err])).to.deep.equal([
      ['throws', 'broken too'],
      ['rejects', 'broken'],
    ]);
  });

  it('leaves behind what hangs, still closes the rest, and ends near its deadline', async () => {
    const lifecycle = new Lifecycle();
    const captured = captureLog();
    const closed: string[] = [];
    lifecycle.onClose('first', () => void closed.push('first'));
    lifecycle.onClose('hangs too', () => never);
    lifecycle.onClose('second', () => void closed.push('second'));
    lifecycle.onClose('hangs', () => never);
    const started = Date.now();
    expect(await lifecycle.close(captured.log, 150)).to.be.false;
    expect(Date.now() - started).to.be.within(140, 600);
    expect(closed).to.deep.equal(['second', 'first']);
    expect(captured.lines().map(({ resource }) => resource)).to.deep.equal(['hangs', 'hangs too']);
  });

  it('closes each thing once', async () => {
    const lifecycle = new Lifecycle();
    let times = 0;
    lifecycle.onClose('x', () => {
      times++;
    });
    await lifecycle.close(captureLog().log, 100);
    await lifecycle.close(captureLog().log, 100);
    expect(times).to.equal(1);
  });

  it('closes what a start acquires meanwhile, and lets it go no further', async () => {
    const lifecycle = new Lifecycle();
    const closed: string[] = [];
    let started = false;
    lifecycle.onClose('first', async () => {
      expect(() => {
        lifecycle.onClose('late', () => void closed.push('late'));
        started = true;
      }).to.throw('shutting down');
      await Promise.resolve();
      closed.push('first');
    });
    expect(await lifecycle.close(captureLog().log, 1_000)).to.be.true;
    expect(closed).to.deep.equal(['first', 'late']);
    expect(started).to.be.false;
  });
});
