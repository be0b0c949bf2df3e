import { expect } from 'chai';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../support/poll.js';
import { makeTemporaryDirectory } from '../support/services/temporary-directory.js';
import type { PlayedSeed } from './play-seed.js';
import { exitCodeOf, isClean } from './report.js';
import { runBackends } from './run-backends.js';
import type { RunOptions, RunResult } from './run-seeds.js';

const played = (seed: number, given: Partial<PlayedSeed> = {}): RunResult['seeds'][number] => ({
  ...{ seed, faults: [], acknowledged: 1, hostileRequests: 0, lost: 0, doubled: 0, problems: [], longestStallMs: 1_500 },
  ...{ drainedAfterMs: 0, feedRecoveries: [], due: new Map(), seconds: 2 },
  followUps: { due: 0, lost: [], doubled: [], altered: [] },
  ...given,
});

describe('the runs of all backends', () => {
  let folder: string;
  let printed: string[];
  let stopping: AbortController;
  let given: RunOptions[];
  beforeEach(async () => {
    folder = await makeTemporaryDirectory();
    printed = [];
    given = [];
    stopping = new AbortController();
  });
  /** Plays nothing: each backend shows the seeds that stand here. */
  const runs = (
    shown: Partial<Record<RunOptions['backend'], RunResult['seeds']>>,
    meanwhile: (options: RunOptions) => unknown = () => undefined,
    more: { minutes?: number } = {},
  ) =>
    runBackends(
      {
        ...{ backends: ['redis', 'postgres'], seeds: [1, 2], stopping: stopping.signal, ...more },
        folderOf: (backend) => join(folder, backend),
        print: (text) => printed.push(text),
      },
      async (options) => {
        given.push(options);
        const seeds = shown[options.backend] ?? [played(1), played(2)];
        await mkdir(options.folder, { recursive: true });
        for (const [index, seed] of seeds.entries()) {
          await writeFile(join(options.folder, `seed-${seed.seed}.ledger`), '');
          options.onSeed?.(seed, index + 1);
        }
        await meanwhile(options);
        return { backend: options.backend, seeds, problems: [], surprises: [], impossible: [], seconds: 4 };
      },
    );
  const failure = [played(1), played(2, { problems: ['activity k: 2 times in the log'] })];

  it('have a report for each backend, of which one that failed fails all', async () => {
    for (const backend of ['redis', 'postgres'] as const) {
      const reports = await runs({ [backend]: failure });
      expect(reports.map((report) => [report.backend, isClean(report)])).to.deep.equal([
        ['redis', backend !== 'redis'],
        ['postgres', backend !== 'postgres'],
      ]);
      expect(exitCodeOf(reports)).to.equal(1);
    }
    expect(exitCodeOf(await runs({}))).to.equal(0);
  });

  it('keep the ledger of a seed that failed, print what was wrong with it, and how to play it again', async () => {
    await runs({ redis: failure });
    expect(await readdir(join(folder, 'redis'))).to.deep.equal(['seed-2.ledger']);
    expect(await readdir(join(folder, 'postgres'))).to.deep.equal([]);
    expect(printed.slice(0, 2)).to.deep.equal([
      'redis 1/2 seed 1: 2.0 s, stall 1.5 s; ',
      'redis 2/2 seed 2: 2.0 s, stall 1.5 s; \n  ! activity k: 2 times in the log',
    ]);
    expect(printed[2]).to.include('! seed 2: npm run faults -- --backend redis --seed 2');
  });

  it('forget what an earlier run has left, and name the faults of a seed, those too that could not strike', async () => {
    await mkdir(join(folder, 'redis'));
    await writeFile(join(folder, 'redis', 'seed-9.ledger'), '');
    const fault = { atMs: 0, forMs: 0, healedAtMs: null };
    const faults = [
      { ...fault, kind: 'SIGKILL', target: 'worker-1' },
      { ...fault, kind: 'full disk', target: 'redis', prevented: 'it was away' },
    ];
    await runs({ redis: [played(1, { faults })] });
    expect(await readdir(join(folder, 'redis'))).to.deep.equal([]);
    expect(printed[0]).to.include('; SIGKILL (worker-1), full disk (redis, prevented: it was away)');
  });

  it('have each their time, where one is set', async () => {
    const itIsOver = ({ enough }: RunOptions) => until('it is over', () => enough?.aborted);
    await runs({}, itIsOver, { minutes: 0 });
    expect(given).to.have.length(2);
    given = [];
    await runs({}, undefined, { minutes: 1 });
    await runs({});
    expect(given.map(({ enough }) => enough?.aborted)).to.deep.equal([false, false, false, false]);
  });

  it('begin no further backend once they shall end, and tell of what was begun', async () => {
    const reports = await runs({}, () => stopping.abort());
    expect(reports.map(({ backend }) => backend)).to.deep.equal(['redis']);
    expect(given[0]?.enough?.aborted).to.be.true;
  });
});
