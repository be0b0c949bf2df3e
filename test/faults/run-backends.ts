/** The runs of `npm run faults`, one backend after another: what each has shown is printed, and the ledgers of its failed seeds stay. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withTimeLimit } from '../../packages/shared/src/deadline.js';
import type { PlayedSeed } from './play-seed.js';
import { describeReport, reportOf, type Report } from './report.js';
import type { RunOptions, RunResult } from './run-seeds.js';

type Backend = RunOptions['backend'];

export interface Runs {
  backends: readonly Backend[];
  seeds: readonly number[];
  /** Of the logs and ledgers of one of them; what an earlier run has left there goes. */
  folderOf: (backend: Backend) => string;
  /** Aborted: no further backend begins. */
  stopping: AbortSignal;
  /** Of one backend; never, where no time is set. */
  minutes?: number;
  print: (text: string) => void;
}

/** `run` plays the seeds on one backend. Gives a report for each that was begun. */
export async function runBackends(
  { backends, seeds, folderOf, stopping, minutes, print }: Runs,
  run: (options: RunOptions) => Promise<RunResult>,
): Promise<Report[]> {
  const reports: Report[] = [];
  for (const backend of backends) {
    if (stopping.aborted) break;
    const folder = folderOf(backend);
    await rm(folder, { recursive: true, force: true });
    const onSeed = (played: PlayedSeed, done: number) => print(describeSeed(played, `${backend} ${done}/${seeds.length}`));
    const runUntil = (enough: AbortSignal) => run({ backend, folder, seeds, enough, onSeed });
    const result = await (minutes === undefined ? runUntil(stopping) : withTimeLimit(minutes * 60_000, stopping, runUntil));
    const report = reportOf(result);
    const failed = new Set(report.failures.map(({ seed }) => seed));
    for (const { seed } of result.seeds) if (!failed.has(seed)) await rm(join(folder, `seed-${seed}.ledger`));
    print(`\n${describeReport(report)}\n`);
    reports.push(report);
  }
  return reports;
}

function describeSeed({ seed, faults, problems, seconds, longestStallMs }: PlayedSeed, place: string): string {
  const what = faults.map(
    ({ kind, target, prevented }) => `${kind} (${target}${prevented === undefined ? '' : `, prevented: ${prevented}`})`,
  );
  const stall = (longestStallMs / 1000).toFixed(1);
  const line = `${place} seed ${seed}: ${seconds.toFixed(1)} s, stall ${stall} s; ${what.join(', ')}`;
  return [line, ...problems.map((problem) => `  ! ${problem}`)].join('\n');
}
