import { expect } from 'chai';
import { watchStore } from '../../../packages/shared/src/index.js';
import { silentLog } from '../../support/log-lines.js';
import { until } from '../../support/poll.js';

const pace = { everyMs: 5, patienceMs: 20, againMs: 1 };

describe('watchStore', () => {
  const watch = (own: () => Promise<void>, anew: () => Promise<void>) => {
    const stops: string[] = [];
    let opened = 0;
    const open = () => {
      opened++;
      return Promise.resolve({ checkWritable: anew, close: () => Promise.resolve() });
    };
    const stop = (reason: string) => stops.push(reason);
    const timer = watchStore({ store: { checkWritable: own }, open }, { log: silentLog(), stop }, pace);
    return { stops, opened: () => opened, end: () => clearInterval(timer) };
  };
  const works = () => Promise.resolve();
  const fails = () => Promise.reject(new Error('away'));

  it('ends a process whose connections do not work while a new one does', async () => {
    const watched = watch(fails, works);
    await until('it is ended', () => watched.stops.length > 0);
    watched.end();
    expect(watched.stops[0]).to.equal('no way to the queue’s store');
  });

  it('ends nothing while the store is away for everybody', async () => {
    const watched = watch(fails, fails);
    await until('another connection was tried some times', () => watched.opened() >= 3);
    watched.end();
    expect(watched.stops).to.deep.equal([]);
  });

  it('ends nothing whose own connections work again soon after another one was tried, as on a busy machine', async () => {
    let since = 0;
    const watched = watch(() => (watched.opened() > 0 && ++since > 1 ? works() : fails()), works);
    await until('it has worked for a while', () => since > 5);
    watched.end();
    expect([watched.opened(), watched.stops]).to.deep.equal([1, []]);
  });

  it('opens nothing while all is well, or was a moment ago', async () => {
    let asked = 0;
    const watched = watch(() => (++asked % 2 === 0 ? works() : fails()), works);
    await until('it was asked for a while', () => asked > 10);
    watched.end();
    expect([watched.opened(), watched.stops]).to.deep.equal([0, []]);
  });
});
