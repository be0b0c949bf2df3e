import { expect } from 'chai';
import { reportTrouble } from '../../../packages/shared/src/report-trouble.js';
import { captureLog } from '../../support/log-lines.js';
import { until } from '../../support/poll.js';

describe('trouble of the queue’s store', () => {
  it('is told at its beginning, then now and then with its count, and once when it is over', async () => {
    const { log, lines } = captureLog();
    const report = reportTrouble(log, 200);
    for (let count = 1; count <= 100; count++) report(new Error(`refused ${count}`));
    await until('it is over', () => lines().some(({ level }) => level === 30));
    expect(lines().map(({ msg, err, times }) => ({ msg, err, times }))).to.deep.equal([
      { msg: 'the queue’s store has trouble', err: 'refused 1', times: undefined },
      { msg: 'the queue’s store still has trouble', err: 'refused 100', times: 99 },
      { msg: 'the queue’s store is well again: no trouble for 0.2 s', err: undefined, times: undefined },
    ]);
  });

  it('is told anew when it comes back', async () => {
    const { log, lines } = captureLog();
    const report = reportTrouble(log, 20);
    for (const round of [1, 2]) {
      report(new Error('refused'));
      await until('it is over', () => lines().length === 2 * round);
    }
    expect(lines().map(({ level }) => level)).to.deep.equal([40, 30, 40, 30]);
  });
});
