/** Everything of `npm run check`: what says in a minute whether a change is worth the whole of `npm test`. */
import { print } from '../../packages/cli/src/output/print.js';
import { showFailure } from '../../packages/cli/src/output/show-failure.js';
import { stepsSideBySide } from '../../packages/cli/src/output/step.js';
import { inClone } from '../../packages/cli/src/instance/clone.js';
import { listenForInterrupts } from '../../packages/cli/src/system/interrupts.js';
import { runCommand } from '../../packages/cli/src/system/run-command.js';
import { finish } from './run-checks.js';
import { staticChecks } from './static-checks.js';

/** Side by side; gives the exit code. */
export async function runQuickChecks(variables: Readonly<Record<string, string | undefined>>): Promise<number> {
  const { stopping } = listenForInterrupts();
  const steps = staticChecks(stopping, { lintCache: true });
  const unitTests = {
    title: 'unit tests',
    // They build what has changed before the first test.
    work: () =>
      runCommand(inClone('node_modules/.bin/mocha'), ['--reporter', 'dot', 'test/unit/**/*.test.ts'], {
        cwd: inClone(''),
        env: variables,
        signal: stopping,
      }),
  };
  const failures = await stepsSideBySide([unitTests, ...steps]);
  if (stopping.aborted) print('Interrupted.');
  else failures.forEach(showFailure);
  return finish(steps.length + 1 - failures.length, failures.length);
}
