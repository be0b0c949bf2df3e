/** Everything of `npm test`. The last line is a plain "N passed, N failed". */
import pc from 'picocolors';
import { print } from '../../packages/cli/src/output/print.js';
import { showFailure } from '../../packages/cli/src/output/show-failure.js';
import type { Step } from '../../packages/cli/src/output/step-line.js';
import { step, stepsSideBySide } from '../../packages/cli/src/output/step.js';
import { listenForInterrupts } from '../../packages/cli/src/system/interrupts.js';
import { auditDependencies } from './audit.js';
import { provideChromium } from './chromium.js';
import { announceInstallation, canInstall, provideRedisServer } from './redis-server.js';
import { runMocha } from './run-mocha.js';
import { buildStep, staticChecks } from './static-checks.js';

/** Gives the exit code. */
export async function runChecks(variables: Readonly<Record<string, string | undefined>>): Promise<number> {
  const { stopping } = listenForInterrupts();
  let failed = 0;
  let redis: string | undefined;
  const announcement = announceInstallation(variables, canInstall());
  if (announcement !== undefined) print(pc.yellow(announcement)); // minutes before, so that there is time to say no
  // A failed step is shown and counted; the next ones run all the same, so that all problems show.
  const count = (error: unknown) => {
    failed++;
    if (!stopping.aborted) showFailure(error);
  };
  const one = ({ title, work }: Step) => step(title, work).catch(count);
  await one(buildStep(stopping));
  const weaknesses: Step = { title: 'weaknesses', work: (line) => auditDependencies(line, variables, stopping) };
  if (!stopping.aborted) (await stepsSideBySide([...staticChecks(stopping, { lintCache: false }), weaknesses])).forEach(count);
  // One after the other: apt-get works for one at a time.
  const steps: Step[] = [
    {
      title: 'Redis',
      work: async (line) => (redis = await provideRedisServer(line, variables, canInstall(), stopping)),
    },
    { title: 'Chromium', work: (line) => provideChromium(line, variables, canInstall(), stopping) },
  ];
  for (const each of steps) if (!stopping.aborted) await one(each);
  if (stopping.aborted) {
    print(pc.red('Interrupted.'));
    return finish(0, Math.max(failed, 1));
  }

  const tests = await runMocha({ ...variables, TEST_REDIS_SERVER: redis ?? '' }, stopping);
  if (tests.leftOut.length === 0) return finish(tests.passed, failed + tests.failed);
  const why = redis === undefined ? ' (those that need Redis persistence want a redis-server on the PATH)' : '';
  print(`${pc.yellow(`Left out${why}:`)}\n${tests.leftOut.map((title) => `  ${title}`).join('\n')}\n`);
  if (!variables.CI) return finish(tests.passed, failed + tests.failed);
  print(pc.red('With CI set, a test that is left out counts as failed.'));
  return finish(tests.passed, failed + tests.failed + tests.leftOut.length);
}

export function finish(passed: number, failed: number): number {
  print(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
