import { expect } from 'chai';
import { createConsumer } from '../../../packages/worker/src/queue/consumer.js';
import { silentLog } from '../../support/log-lines.js';

describe('a job that cannot be done', () => {
  it('is never given up: it is tried two hundred times where that is what it takes', async () => {
    let attempts = 0;
    const work = () => (++attempts < 200 ? Promise.reject(new Error('the database is away')) : Promise.resolve());
    const consume = createConsumer({ work, log: silentLog(), signal: new AbortController().signal, pauseMs: () => 0 });
    await consume({ id: '1', data: {} } as never);
    expect(attempts).to.equal(200);
  });
});
