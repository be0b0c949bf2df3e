/** All unit and integration tests, shown as mocha shows them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inCheckout, root } from '../checkout.mjs';
import { print, red } from '../terminal.mjs';

/** @typedef {import('./summary-reporter.mjs').Summary} Summary */

const specs = ['test/unit/**/*.test.ts', 'test/integration/**/*.test.ts', 'test/faults/*.test.ts'];

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {AbortSignal} signal
 * @returns {Promise<Summary>}
 */
export async function runMocha(env, signal) {
  const folder = mkdtempSync(path.join(tmpdir(), 'vidhuk-summary-'));
  const output = path.join(folder, 'summary.json');
  const reporter = inCheckout('scripts/support/check/summary-reporter.mjs');
  const mocha = spawn(
    process.execPath,
    [inCheckout('node_modules/mocha/bin/mocha.js'), '--reporter', reporter, '--reporter-option', `output=${output}`, ...specs],
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
