import { expect } from 'chai';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rejection } from '../support/poll.js';
import { makeTemporaryDirectory } from '../support/services/temporary-directory.js';
import type { PlayedSeed } from './play-seed.js';
import type { Report } from './report.js';
import { runFaults } from './run-faults.js';
import type { RunOptions } from './run-seeds.js';

const played = (seed: number): PlayedSeed => ({
  ...{ seed, faults: [], acknowledged: 1, hostileRequests: 0, lost: 0, doubled: 0, problems: [], longestStallMs: 0 },
  ...{ drainedAfterMs: 0, feedRecoveries: [], due: new Map(), seconds: 0 },
});

describe('npm run faults', () => {
  let results: string;
  let asked: string[];
  let printed: string;
  /** Plays nothing: `failing` says what is wrong with a backend. */
  const run = (args: string[], failing: Partial<Record<RunOptions['backend'], string>> = {}) =>
    runFaults(args, {
      ...{ results, stopping: new AbortController().signal },
      print: (text) => void (printed += text),
      async run({ backend, seeds, folder }) {
        asked.push(`${backend} ${seeds.join()}`);
        await mkdir(folder, { recursive: true });
        for (const seed of seeds) await writeFile(join(folder, `seed-${seed}.ledger`), '');
        const followUps = { due: 0, lost: [], doubled: [], altered: [] };
        const problems = failing[backend] === undefined ? [] : [failing[backend]];
        const all = seeds.map((seed) => ({ ...played(seed), followUps }));
        return { backend, seeds: all, problems, surprises: [], impossible: [], seconds: 0 };
      },
    });
  beforeEach(async () => {
    results = await makeTemporaryDirectory();
    asked = [];
    printed = '';
  });

  it('ends with 0 when all was well, and with 1 when one of its backends failed, whichever', async () => {
    expect(await run(['--seeds', '2'])).to.equal(0);
    for (const backend of ['redis', 'postgres'] as const) {
      expect(await run(['--seeds', '1'], { [backend]: 'the queue is not empty' }), backend).to.equal(1);
      expect(printed).to.include('! the queue is not empty');
    }
  });

  it('ends with 1 when nothing was played', async () => {
    expect(await run(['--seeds', '0'])).to.equal(1);
  });

  it('plays twenty seeds, as many as it is told from the one it is told, or that one alone', async () => {
    for (const args of [[], ['--seeds', '2'], ['--seed', '7', '--seeds', '2'], ['--seed', '7']])
      await run([...args, '--backend', 'postgres']);
    const twenty = Array.from({ length: 20 }, (_, index) => index + 1).join();
    expect(asked).to.deep.equal([`postgres ${twenty}`, 'postgres 1,2', 'postgres 7,8', 'postgres 7']);
  });

  it('writes its report where it is told', async () => {
    const file = join(results, 'of', 'today.json');
    await run(['--seed', '3', '--json', file]);
    const reports = JSON.parse(await readFile(file, 'utf8')) as Report[];
    expect(reports.map(({ backend, seeds }) => [backend, seeds])).to.deep.equal([
      ['redis', 1],
      ['postgres', 1],
    ]);
  });

  it('plays nothing for what is no argument, and for a question', async () => {
    for (const args of [['--backend', 'mysql'], ['--seeds', 'x'], ['--seed=-1'], ['--minutes', '0.5']])
      expect(await rejection(run(args)), args.join(' ')).to.be.instanceOf(RangeError);
    expect(await run(['--help'])).to.equal(0);
    expect(printed).to.include('Exit status: 0');
    expect(asked).to.deep.equal([]);
  });
});
