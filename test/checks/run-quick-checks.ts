/** Everything of `npm run check`: what says in a minute whether a change is worth the whole of `npm test`. */
import { print } from '../../packages/cli/src/output/print.js';
import { showFailure } from '../../packages/cli/src/output/show-failure.js';
import { stepsSideBySide } from '../../packages/cli/src/output/step.js';
import { inClone } from '../../packages/cli/src/instance/clone.js';
import { listenForInterrupts } from '../../packages/cli/src/system/interrupts.js';
import { runCommand } from '../../packages/cli/src/system/run-command.js';
import { finish } from './run-checks.js';
import { buildStep, staticChecks } from './static-checks.js';

/** The build, as the scripts' types stand on it; then all others side by side. Gives the exit code. */
export async function runQuickChecks(variables: Readonly<Record<string, string | undefined>>): Promise<number> {
  const { stopping } = listenForInterrupts();
  const steps = staticChecks(stopping, { lintCache: true });
  const unitTests = {
    title: 'unit tests',
    work: () =>
      runCommand(inClone('node_modules/.bin/mocha'), ['--reporter', 'dot', 'test/unit/**/*.test.ts'], {
        cwd: inClone(''),
        env: variables,
        signal: stopping,
      }),
  };
  const build = buildStep(stopping);
  const failures = await stepsSideBySide([build]);
  if (!stopping.aborted) failures.push(...(await stepsSideBySide([unitTests, ...steps])));
  if (stopping.aborted) {
    print('Interrupted.');
    return finish(0, Math.max(failures.length, 1));
  }
  failures.forEach(showFailure);
  return finish(steps.length + 2 - failures.length, failures.length);
}
