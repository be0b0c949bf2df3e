import { expect } from 'chai';
import { Reloads } from '../../../packages/shared/src/reload.js';

/** A reading that goes on until it is told to end. */
function slowReload() {
  const ends: (() => void)[] = [];
  const reload = () => new Promise<void>((resolve) => ends.push(resolve));
  return { reload, begun: () => ends.length, end: () => ends.at(-1)?.() };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('Reloads', () => {
  it('does what was asked for before anybody could do it', async () => {
    const reloads = new Reloads();
    reloads.ask();
    const { reload, begun } = slowReload();
    reloads.begin(reload);
    await settled();
    expect(begun()).to.equal(1);
  });

  it('makes one more reading of however many come during one, and begins it after the last', async () => {
    const reloads = new Reloads();
    const { reload, begun, end } = slowReload();
    reloads.begin(reload);
    for (let count = 0; count < 10; count++) reloads.ask();
    await settled();
    expect(begun()).to.equal(1);
    end();
    await settled();
    expect(begun()).to.equal(2);
    end();
    await settled();
    expect(begun()).to.equal(2);
    reloads.ask();
    await settled();
    expect(begun()).to.equal(3);
  });

  it('stops after the reading that is under way, and hears nobody from then on', async () => {
    const reloads = new Reloads();
    const { reload, begun, end } = slowReload();
    const stop = reloads.begin(reload);
    reloads.ask();
    reloads.ask();
    let stopped = false;
    const stopping = stop().then(() => (stopped = true));
    await settled();
    expect(stopped).to.be.false;
    end();
    await stopping;
    reloads.ask();
    await settled();
    expect(begun()).to.equal(1);
  });
});
