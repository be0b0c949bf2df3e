/** Known weaknesses in what Vidhuk runs with, as the npm registry knows them. Without an answer of the registry nothing is known, and nothing fails. */
import { readFileSync } from 'node:fs';
import type { StepLine } from '../../packages/cli/src/output/step-line.js';
import { PlainError } from '../../packages/cli/src/system/plain-error.js';
import { CommandError, runCommand } from '../../packages/cli/src/system/run-command.js';
import { inClone } from '../../packages/cli/src/instance/clone.js';

interface Advisory {
  module_name: string;
  severity: string;
  title: string;
  url: string;
}

interface Report {
  advisories?: Record<string, Advisory>;
  error?: { message?: string };
}

/** Whoever has no network shall not wait for it. */
const patience = ['--config.fetch-retries=0', '--config.fetch-timeout=20000'];

/** Fails with a list when there are any. */
export async function auditDependencies(
  { say, notDone }: StepLine,
  variables: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<void> {
  const { packageManager } = JSON.parse(readFileSync(inClone('package.json'), 'utf8')) as { packageManager: string };
  const output = await runCommand('npx', ['-y', packageManager, 'audit', '--prod', '--json', ...patience], {
    cwd: inClone(''),
    env: variables,
    signal,
  }).catch((error: unknown) => {
    if (error instanceof CommandError) return error.output; // so it exits both for findings and for no answer
    throw error;
  });
  const { advisories, error } = readReport(output);
  if (advisories === undefined) {
    notDone(`not done: ${error?.message ?? 'the registry gave no answer'}`);
    return;
  }
  const found = Object.values(advisories).map(
    ({ module_name, severity, title, url }) => `${module_name} (${severity}): ${title}, ${url}`,
  );
  if (found.length > 0)
    throw new PlainError(`Dependencies with known weaknesses:\n${found.map((line) => `  ${line}`).join('\n')}`);
  say('none is known');
}

/** `output` may hold warnings around the report. */
function readReport(output: string): Report {
  try {
    return JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1)) as Report;
  } catch {
    return {};
  }
}
