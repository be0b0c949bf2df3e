/** What the report of `npm run faults` is worth: nothing that a run has shown is left out of it, nor out of the exit code. */
import { expect } from 'chai';
import { feedRecoveriesOf, judge, type PlayedSeed } from './play-seed.js';
import { describeReport, exitCodeOf, isClean, reportOf } from './report.js';
import type { RunResult } from './run-seeds.js';

type Seed = RunResult['seeds'][number];

const seed = (given: Partial<Seed> = {}): Seed => ({
  ...{ seed: 1, faults: [], acknowledged: 2_000, hostileRequests: 7, lost: 0, doubled: 0, problems: [], seconds: 10 },
  ...{ longestStallMs: 100, drainedAfterMs: 200, feedRecoveries: [], due: new Map() },
  followUps: { due: 3, lost: [], doubled: [], altered: [] },
  ...given,
});
const run = (given: Partial<RunResult> = {}): RunResult => ({
  ...{ backend: 'redis', seeds: [seed()], problems: [], surprises: [], impossible: [], seconds: 10 },
  ...given,
});
const followUps = (given: Partial<Seed['followUps']>): Partial<Seed> => ({
  followUps: { due: 3, lost: [], doubled: [], altered: [], ...given },
});

describe('the report of a run of faults', () => {
  it('is clean where nothing was wrong, and where a process that ended was started again', () => {
    for (const given of [{}, { surprises: ['worker-1 ended by itself'] }]) {
      const report = reportOf(run(given));
      expect([isClean(report), exitCodeOf([report])]).to.deep.equal([true, 0]);
    }
  });

  it('is not clean when anything is wrong with the cluster as a whole, and says it', () => {
    for (const surprises of [[], ['worker-1 ended by itself']]) {
      const report = reportOf(run({ problems: ['the queue is not empty'], surprises }));
      expect(isClean(report)).to.be.false;
      expect(describeReport(report)).to.include('! the queue is not empty');
    }
  });

  const wrong: Record<string, [Partial<Seed>, string]> = {
    'a problem': [{ problems: ['no row'] }, 'no row'],
    'a follow-up that was lost': [followUps({ lost: ['tell a'] }), '1 follow-ups lost, such as tell a'],
    'a follow-up that was doubled': [followUps({ doubled: ['tell a'] }), '1 follow-ups doubled, such as tell a'],
    'a follow-up with other bytes': [followUps({ altered: ['tell a'] }), '1 follow-ups with other bytes, such as tell a'],
  };
  for (const [what, [given, line]] of Object.entries(wrong))
    it(`is not clean when a seed has ${what}, names the seed, and tells what was wrong`, () => {
      const report = reportOf(run({ seeds: [seed(), seed({ seed: 2, ...given })] }));
      expect(isClean(report)).to.be.false;
      expect(report.failures).to.deep.equal([{ seed: 2, problems: [line] }]);
      expect(describeReport(report)).to.include('npm run faults -- --backend redis --seed 2').and.to.include(line);
    });

  it('counts what was lost and doubled', () => {
    const { activities, followUps: calls } = reportOf(
      run({ seeds: [seed({ lost: 1, doubled: 2 }), seed({ lost: 3, ...followUps({ lost: ['a', 'b'], doubled: ['c'] }) })] }),
    );
    expect(activities).to.deep.equal({ acknowledged: 4_000, lost: 4, doubled: 2 });
    expect(calls).to.deep.equal({ due: 6, lost: 2, doubled: 1, altered: 0 });
  });

  it('has the figures that README prints, each from all seeds', () => {
    const fault = (kind: string, healedAtMs: number | null) => ({ kind, healedAtMs, target: 'x', atMs: 0, forMs: 0 });
    const report = reportOf(
      run({
        seeds: [
          seed({
            ...{ faults: [fault('killed', 1), fault('disk full', null)], longestStallMs: 1_234, drainedAfterMs: 9_000 },
            feedRecoveries: [{ kind: 'killed', ms: 700 }],
          }),
          seed({
            ...{ faults: [fault('killed', 2), fault('killed', 3)], longestStallMs: 56_789, drainedAfterMs: 10_016 },
            feedRecoveries: [10_000, 90].map((ms) => ({ kind: 'killed', ms })),
          }),
          seed({ faults: [fault('away', 4)], longestStallMs: 10, drainedAfterMs: 100 }),
        ],
        ...{ seconds: 754, impossible: ['clock jumps'], surprises: ['worker-1 ended by itself'] },
      }),
    );
    expect(report).to.deep.include({
      ...{ seeds: 3, minutes: 12.57, faults: 4, prevented: 1, hostileRequests: 21, endedByThemselves: 1 },
      ...{ longestStallSeconds: 56.79, drainedSeconds: { median: 9, max: 10.02 } },
      kinds: [
        { kind: 'away', times: 1, prevented: 0, recoverySeconds: null },
        { kind: 'disk full', times: 0, prevented: 1, recoverySeconds: null },
        { kind: 'killed', times: 3, prevented: 0, recoverySeconds: { median: 0.7, max: 10 } },
      ],
    });
    const lines = describeReport(report).split('\n');
    for (const [name, value] of Object.entries({
      'queue on redis: seeds': '3 in 12.57 min',
      faults: '4 (and 1 prevented)',
      'hostile requests beside the feed': '21',
      'longest stall of the feed': '56.79 s',
      'drained and compared after the last fault: median, max': '9 s, 10.02 s',
      'processes that ended by themselves': '1',
      '  away': '1; -',
      '  disk full': '0 (and 1 prevented); -',
      '  killed': '3; 0.7 s, 10 s',
      '  clock jumps': 'not played: there is no such thing here',
    }))
      expect(lines).to.include(`${name.padEnd(52)} ${value}`);
  });

  it('has figures of nothing where no seed was played', () => {
    expect(reportOf(run({ seeds: [] }))).to.deep.include({ longestStallSeconds: 0, drainedSeconds: { median: 0, max: 0 } });
  });

  it('names three of many that were lost', () => {
    const [failure] = reportOf(run({ seeds: [seed(followUps({ lost: ['a', 'b', 'c', 'd'] }))] })).failures;
    expect(failure?.problems).to.deep.equal(['4 follow-ups lost, such as a, b, c']);
  });

  it('is the exit code of all: one run that failed beside one that did not makes it 1', () => {
    const [clean, failed] = [reportOf(run()), reportOf(run({ problems: ['worker-1 is not ready'] }))];
    expect([[clean], [clean, failed], [failed, clean]].map(exitCodeOf)).to.deep.equal([0, 1, 1]);
  });

  it('is not clean when no seed was played, whoever ended it', () => {
    const report = reportOf(run({ seeds: [] }));
    expect([isClean(report), report.problems]).to.deep.equal([false, ['no seed was played']]);
    expect(reportOf(run({ seeds: [], problems: ['seed 1 could not be played'] })).problems).to.have.length(1);
    expect([exitCodeOf([report]), exitCodeOf([])]).to.deep.equal([1, 1]);
  });
});

describe('a seed', () => {
  const nothing = { totals: {}, differences: [] };
  const well: Pick<PlayedSeed, 'lost' | 'doubled' | 'problems'> = { lost: 0, doubled: 0, problems: [] };

  it('is well where the feed came to its end and the database is as the ledger says', () => {
    expect(judge({ end: 'complete' }, nothing, { problems: [] })).to.deep.equal(well);
  });

  it('has every difference from its ledger as a problem, and knows what is lost and what is doubled', () => {
    const found = judge(
      { end: 'complete' },
      {
        totals: { 'missing-activity': 2, 'missing-rejection': 3, 'repeated-activity': 4, 'missing-status': 1 },
        differences: [
          { kind: 'repeated-activity', key: 'k', times: 2 },
          { kind: 'missing-status', source: 'main', contactId: 1, mediaType: null },
        ],
      },
      { problems: [] },
    );
    expect(found).to.deep.equal({
      ...{ lost: 5, doubled: 4 },
      problems: ['activity k: 2 times in the log', 'contact_status main 1: no row'],
    });
  });

  it('has a feed that stood still, and what a stranger could do, as a problem', () => {
    expect(judge({ end: 'aborted' }, nothing, { problems: [] }).problems).to.deep.equal([
      'the feed stood still for 120 s after all was healed',
    ]);
    expect(judge({ end: 'complete' }, nothing, { problems: ['it was let in'] }).problems).to.deep.equal(['it was let in']);
  });

  it('tells how long the feed took from a healing to its next 200, of faults that struck and that it outlived', () => {
    const fault = (kind: string, healedAtMs: number | null) => ({ kind, healedAtMs, target: 'x', atMs: 0, forMs: 0 });
    const faults = [fault('a', 100), fault('b', 300), fault('c', null), fault('d', 501)];
    expect(feedRecoveriesOf(faults, [50, 150, 300, 500])).to.deep.equal([
      { kind: 'a', ms: 50 },
      { kind: 'b', ms: 0 },
    ]);
  });
});
