/** All tests, shown as mocha shows them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import pc from 'picocolors';
import { inClone } from '../../packages/cli/src/instance/clone.js';
import { print } from '../../packages/cli/src/output/print.js';
import type { Summary } from './summary-reporter.js';
import { testFiles } from './test-files.js';

/** Tests wait about as much as they compute; each job has servers of its own, which take memory. */
const jobs = Math.min(Math.max(availableParallelism(), 2), 8);

type Variables = Readonly<Record<string, string | undefined>>;

/** Runs them in an environment of `variables`: first those that run several at once, then those that need the machine. `signal` ends all of it. */
export async function runMocha(variables: Variables, signal: AbortSignal): Promise<Summary> {
  const { together, alone } = testFiles();
  const first = await runFiles(['--parallel', '--jobs', String(jobs), ...together], variables, signal);
  if (signal.aborted) return first;
  const second = await runFiles(alone, variables, signal);
  return {
    passed: first.passed + second.passed,
    failed: first.failed + second.failed,
    leftOut: [...first.leftOut, ...second.leftOut],
  };
}

async function runFiles(args: readonly string[], variables: Variables, signal: AbortSignal): Promise<Summary> {
  const folder = mkdtempSync(join(tmpdir(), 'vidhuk-summary-'));
  const output = join(folder, 'summary.json');
  const reporter = ['--reporter', inClone('test/checks/summary-reporter.ts'), '--reporter-option', `output=${output}`];
  const mocha = execa(process.execPath, [inClone('node_modules/mocha/bin/mocha.js'), ...reporter, ...args], {
    cwd: inClone(''),
    env: variables,
    extendEnv: false,
    stdio: 'inherit',
    detached: true, // a group of its own, so that all of it can be ended
    reject: false,
  });
  const end = () => mocha.pid !== undefined && process.kill(-mocha.pid, 'SIGTERM');
  signal.addEventListener('abort', end);
  const outcome = await mocha;
  signal.removeEventListener('abort', end);
  const summary = readSummary(output);
  rmSync(folder, { recursive: true });
  if (outcome.exitCode !== 0 && summary.failed === 0) {
    const how = `mocha ended with ${outcome.signal ?? `exit code ${outcome.exitCode ?? 'unknown'}`} without a failed test`;
    print(pc.red(signal.aborted ? 'Interrupted.' : how));
    return { ...summary, failed: 1 };
  }
  return summary;
}

function readSummary(file: string): Summary {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Summary;
  } catch {
    return { passed: 0, failed: 0, leftOut: [] }; // mocha did not come to its end
  }
}
