/** Checks that run nothing of ours: the compiler, the linter, the formatter, dead code. */
import { inClone } from '../../packages/cli/src/instance/clone.js';
import type { Step } from '../../packages/cli/src/output/step-line.js';
import { runCommand } from '../../packages/cli/src/system/run-command.js';

/** `signal` ends them. `lintCache`: the linter looks again only at files that have changed. */
export function staticChecks(signal: AbortSignal, { lintCache }: { lintCache: boolean }): Step[] {
  const run = (title: string, tool: string, ...args: string[]): Step => ({
    title,
    work: () => runCommand(inClone(`node_modules/.bin/${tool}`), args, { cwd: inClone(''), signal }),
  });
  const cache = ['--cache', '--cache-strategy', 'content', '--cache-location', 'node_modules/.cache/eslint/'];
  return [
    run('lint', 'eslint', '.', '--max-warnings', '0', ...(lintCache ? cache : [])),
    run('format', 'prettier', '--check', '.'),
    run('dead code', 'knip'),
    run('types of tests', 'tsc', '-p', 'test'),
    run('types of scripts', 'tsc', '-p', 'scripts'),
  ];
}

export const buildStep = (signal: AbortSignal): Step => ({
  title: 'build',
  work: () =>
    runCommand(inClone('node_modules/.bin/tsc'), ['-b', 'packages/ingress', 'packages/cli'], { cwd: inClone(''), signal }),
});
