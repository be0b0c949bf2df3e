import { expect } from 'chai';
import { checkReadiness } from '../../../packages/shared/src/index.js';

const passes = { name: 'queue', check: () => Promise.resolve() };

describe('checkReadiness', () => {
  it('is ready when every check passes', async () => {
    expect(await checkReadiness([passes, { name: 'database', check: () => Promise.resolve(1) }])).to.deep.equal({
      status: 200,
      body: { status: 'ok', checks: { queue: 'ok', database: 'ok' } },
    });
  });

  it('says which check failed and why, and what is well', async () => {
    const fails = { name: 'database', check: () => Promise.reject(new Error('away')) };
    expect(await checkReadiness([passes, fails])).to.deep.equal({
      status: 503,
      body: { status: 'unavailable', checks: { queue: 'ok', database: 'away' } },
    });
  });

  it('is not ready when a check throws at once', async () => {
    const throws = {
      name: 'progress',
      check: () => {
        throw new Error('stuck');
      },
    };
    expect((await checkReadiness([throws])).body.checks).to.deep.equal({ progress: 'stuck' });
  });

  it('does not wait for a check that hangs', async () => {
    const hangs = { name: 'queue', check: () => new Promise(() => undefined) };
    const started = Date.now();
    const answer = await checkReadiness([hangs, { ...passes, name: 'database' }], 50);
    expect(Date.now() - started).to.be.lessThan(1_000);
    expect(answer.status).to.equal(503);
    expect(answer.body.checks).to.deep.equal({ queue: 'queue: no answer within 50 ms', database: 'ok' });
  });
});
