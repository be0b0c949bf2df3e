import { expect } from 'chai';
import { toJobs } from '../../../packages/worker/src/follow-up/follow-up-job.js';
import { actionOf } from '../../support/follow-up/actions.js';

const calls = Array.from({ length: 100 }, (_, nth) => `call ${nth}`);
const sizes = (settings: Record<string, unknown>, underWay = 0) =>
  toJobs(actionOf({ concurrency: 2, ...settings }), calls, underWay).map((job) => job.calls.length);

describe('a job of follow-ups', () => {
  it('carries several calls where many wait, each once and in order', () => {
    const jobs = toJobs(actionOf({ concurrency: 2 }), calls, 0);
    expect(jobs.flatMap((job) => job.calls)).to.deep.equal(calls);
    expect(new Set(jobs.map(({ id }) => id)).size).to.equal(jobs.length);
    expect(Math.max(...sizes({}))).to.equal(8);
  });

  it('carries one where few wait, so that every worker finds some', () => {
    expect(toJobs(actionOf({ concurrency: 2 }), calls.slice(0, 4), 0).map((job) => job.calls.length)).to.deep.equal([1, 1, 1, 1]);
  });

  it('carries one of an action with a rate or with groups, for both are told by jobs', () => {
    const oneEach = calls.map(() => 1);
    expect(sizes({ rateLimit: { max: 5, perMs: 1_000 } })).to.deep.equal(oneEach);
    expect(sizes({ group: { max: 3, withinMs: 50 } })).to.deep.equal(oneEach);
  });
});
