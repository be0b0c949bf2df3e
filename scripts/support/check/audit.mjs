/** Known weaknesses in what Vidhuk runs with, as the npm registry knows them. Without an answer of the registry nothing is known, and nothing fails. */
import { runCommand, CommandError } from '../command.mjs';
import { root } from '../checkout.mjs';
import { pinnedPnpm } from '../install.mjs';
import { PlainError } from '../plain-error.mjs';

/** @typedef {{ module_name: string, severity: string, title: string, url: string }} Advisory */
/** @typedef {{ advisories?: Record<string, Advisory>, error?: { message?: string } }} Report */

/** Whoever has no network shall not wait for it. */
const patience = ['--config.fetch-retries=0', '--config.fetch-timeout=20000'];

/**
 * Fails with a list when there are any.
 * @param {(detail: string) => void} say
 * @param {AbortSignal} signal
 */
export async function auditDependencies(say, signal) {
  const output = await runCommand('npx', ['-y', pinnedPnpm(), 'audit', '--prod', '--json', ...patience], {
    cwd: root,
    signal,
  }).catch((error) => {
    if (error instanceof CommandError) return error.output; // so it exits both for findings and for no answer
    throw error;
  });
  const { advisories, error } = readReport(output);
  if (advisories === undefined) return say(`not done: ${error?.message ?? 'the registry gave no answer'}`);
  const found = Object.values(advisories).map(
    ({ module_name, severity, title, url }) => `${module_name} (${severity}): ${title}, ${url}`,
  );
  if (found.length > 0)
    throw new PlainError(`Dependencies with known weaknesses:\n${found.map((line) => `  ${line}`).join('\n')}`);
  say('none is known');
}

/**
 * @param {string} output may hold warnings around the report
 * @returns {Report}
 */
function readReport(output) {
  try {
    return JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1));
  } catch {
    return {};
  }
}
