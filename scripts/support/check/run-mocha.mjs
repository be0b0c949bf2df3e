/** All unit and integration tests, several files at once, shown as mocha shows them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { inCheckout, root } from '../checkout.mjs';
import { print, red } from '../terminal.mjs';
import { testFiles } from './test-files.mjs';

/** @typedef {import('./summary-reporter.mjs').Summary} Summary */

/** Tests wait more than they compute, so there is room for one more than there are cores; each has servers of its own, which takes memory. */
const jobs = Math.min(availableParallelism() + 1, 8);

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {AbortSignal} signal
 * @returns {Promise<Summary>}
 */
export async function runMocha(env, signal) {
  const folder = mkdtempSync(path.join(tmpdir(), 'vidhuk-summary-'));
  const output = path.join(folder, 'summary.json');
  const reporter = inCheckout('scripts/support/check/summary-reporter.mjs');
  const args = ['--parallel', '--jobs', String(jobs), '--reporter', reporter, '--reporter-option', `output=${output}`];
  const mocha = spawn(
    process.execPath,
    [inCheckout('node_modules/mocha/bin/mocha.js'), ...args, ...testFiles()],
    { cwd: root, env, stdio: 'inherit', detached: true }, // a group of its own, so that all of it can be ended
  );
  signal.addEventListener('abort', () => mocha.pid !== undefined && process.kill(-mocha.pid, 'SIGTERM'));
  const [code, endedBy] = await once(mocha, 'exit');
  const summary = readSummary(output);
  rmSync(folder, { recursive: true });
  if (code !== 0 && summary.failed === 0) {
    const end = `mocha ended with ${String(endedBy ?? `exit code ${code}`)} without a failed test`;
    print(red(signal.aborted ? 'Interrupted.' : end));
    return { ...summary, failed: 1 };
  }
  return summary;
}

/**
 * @param {string} file
 * @returns {Summary}
 */
function readSummary(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 0, leftOut: [] }; // mocha did not come to its end
  }
}
