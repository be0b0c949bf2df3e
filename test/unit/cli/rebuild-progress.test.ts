import { expect } from 'chai';
import { describeProgress } from '../../../packages/cli/src/output/rebuild-progress.js';
import type { RebuildProgress } from '../../../packages/worker/src/history/rebuild/rebuild-progress.js';

const progress: RebuildProgress = {
  ...{ what: 'bodies', state: 'running', open: 30, slices: 40, elementsDone: 100_000, elements: 400_000, problem: null },
};

describe('The progress of a rebuild', () => {
  it('tells how much is done, and how long the rest takes at the pace so far', () => {
    expect(describeProgress(progress, 10)).to.match(/100.000 elements of 400.000 elements, about 30 seconds left/);
    expect(describeProgress(progress, 0.1)).to.match(/about 50 minutes left/);
    expect(describeProgress(progress, 0)).to.not.include('left');
  });

  it('tells what keeps a slice from being done, without control characters', () => {
    expect(describeProgress({ ...progress, problem: 'the disk\u001b[31m is full' }, 10)).to.match(
      /; trouble: the disk.*is full$/,
    );
    expect(describeProgress({ ...progress, problem: 'the disk\u001b[31m is full' }, 10)).to.not.include('\u001b');
  });

  it('names whom it waits for', () => {
    const waiting = { ...progress, what: 'waiting for the tables', holders: ['pg_dump (pid 7, for 20 s)'] } as const;
    expect(describeProgress(waiting, 10)).to.equal('waits for the tables, which pg_dump (pid 7, for 20 s) reads or writes');
  });
});
