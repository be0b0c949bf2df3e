/** All tests, several files at once, shown as mocha shows them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import pc from 'picocolors';
import { inClone } from '../../packages/cli/src/instance/clone.js';
import { print } from '../../packages/cli/src/output/print.js';
import type { Summary } from './summary-reporter.js';
import { testFiles } from './test-files.js';

/** Tests wait more than they compute, so there is room for one more than there are cores; each has servers of its own, which takes memory. */
const jobs = Math.min(availableParallelism() + 1, 8);

/** Runs them in an environment of `variables`; `signal` ends all of it. */
export async function runMocha(variables: Readonly<Record<string, string | undefined>>, signal: AbortSignal): Promise<Summary> {
  const folder = mkdtempSync(join(tmpdir(), 'vidhuk-summary-'));
  const output = join(folder, 'summary.json');
  const reporter = ['--reporter', inClone('test/checks/summary-reporter.ts'), '--reporter-option', `output=${output}`];
  const parallel = ['--parallel', '--jobs', String(jobs)];
  const mocha = execa(process.execPath, [inClone('node_modules/mocha/bin/mocha.js'), ...parallel, ...reporter, ...testFiles()], {
    cwd: inClone(''),
    env: variables,
    extendEnv: false,
    stdio: 'inherit',
    detached: true, // a group of its own, so that all of it can be ended
    reject: false,
  });
  signal.addEventListener('abort', () => mocha.pid !== undefined && process.kill(-mocha.pid, 'SIGTERM'));
  const end = await mocha;
  const summary = readSummary(output);
  rmSync(folder, { recursive: true });
  if (end.exitCode !== 0 && summary.failed === 0) {
    const how = `mocha ended with ${end.signal ?? `exit code ${end.exitCode ?? 'unknown'}`} without a failed test`;
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
