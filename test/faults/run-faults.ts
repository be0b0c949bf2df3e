/** `npm run faults` from its arguments to its exit code. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { exitCodeOf } from './report.js';
import { runBackends, type Runs } from './run-backends.js';
import type { RunOptions, RunResult } from './run-seeds.js';

const help = `npm run faults -- [options]

  --seeds <n>        so many seeds (default 20)
  --seed <k>         the first one (default 1); alone: only this one, to replay it
  --minutes <m>      begin no further seed after so long
  --backend <b>      redis or postgres (default: one after the other)
  --json <file>      write the report there too

Each seed is a feed of 2,000 activities, three to five faults of its own, and a check of everything that was acknowledged.
Ctrl-C ends it after the seed that is being played, with a report; a second one at once. Logs, and the ledgers of failed seeds, stay in test/faults/results. As root on Linux disks are filled too, and the name server falls silent; with libfaketime
(Debian: apt install libfaketime) clocks jump. The report names the kinds of fault that were not played.
Exit status: 0 nothing was lost, doubled or stuck; 1 something was, or no seed was played; 2 it could not be run.
`;

export interface Faults extends Pick<Runs, 'stopping' | 'print'> {
  /** The folder with one for each backend. */
  results: string;
  /** Plays the seeds on one backend. */
  run: (options: RunOptions) => Promise<RunResult>;
}

/** Gives the exit code; rejects when it could not be run, with a RangeError for arguments that are none. */
export async function runFaults(args: readonly string[], { results, stopping, print, run }: Faults): Promise<number> {
  const number = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { seeds: number, seed: number, minutes: number, backend: number, json: number, help: { type: 'boolean' } },
  });
  if (values.help) {
    print(help);
    return 0;
  }
  const first = wholeNumber('--seed', values.seed ?? '1');
  const count = wholeNumber('--seeds', values.seeds ?? (values.seed === undefined ? '20' : '1'));
  const backends = (['redis', 'postgres'] as const).filter((name) => values.backend === undefined || values.backend === name);
  if (backends.length === 0) throw new RangeError('--backend must be redis or postgres');
  const reports = await runBackends(
    {
      ...{ backends, stopping, print },
      seeds: Array.from({ length: count }, (_, index) => first + index),
      folderOf: (backend) => join(results, backend),
      ...(values.minutes === undefined ? {} : { minutes: wholeNumber('--minutes', values.minutes) }),
    },
    run,
  );
  if (values.json !== undefined) {
    await mkdir(dirname(values.json), { recursive: true });
    await writeFile(values.json, `${JSON.stringify(reports, null, 2)}\n`);
  }
  return exitCodeOf(reports);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} must be a whole number, not "${text}"`);
  return value;
}
