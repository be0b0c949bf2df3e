/** Everything of `npm test`. */
import { build } from '../build.mjs';
import { inCheckout, root } from '../checkout.mjs';
import { runCommand } from '../command.mjs';
import { showFailure } from '../failure.mjs';
import { installDependencies } from '../install.mjs';
import { listenForInterrupts } from '../interrupts.mjs';
import { step } from '../step.mjs';
import { print, red, yellow } from '../terminal.mjs';
import { auditDependencies } from './audit.mjs';
import { provideRedisServer } from './redis-server.mjs';
import { runMocha } from './run-mocha.mjs';

/** @returns {Promise<number>} the exit code */
export async function runChecks() {
  const { stopping } = listenForInterrupts();
  let failed = 0;
  /**
   * A failed step is shown and counted; the next ones run all the same, so that all problems show.
   * @param {string} title
   * @param {(say: (detail: string) => void) => Promise<unknown>} work
   */
  const check = async (title, work) => {
    if (stopping.aborted) return;
    try {
      await step(title, work);
    } catch (error) {
      failed++;
      if (stopping.aborted) print(red('Interrupted.'));
      else showFailure(error);
    }
  };
  /** @param {string} tool @param {string[]} args */
  const run = (tool, ...args) => runCommand(inCheckout(`node_modules/.bin/${tool}`), args, { cwd: root, signal: stopping });

  await check('dependencies', (say) => installDependencies(say, stopping));
  if (failed > 0) return finish(0, failed);
  await check('build', (say) => build(say, stopping));
  await check('lint', () => run('eslint', '.', '--max-warnings', '0'));
  await check('format', () => run('prettier', '--check', '.'));
  await check('dead code', () => run('knip'));
  await check('weaknesses', (say) => auditDependencies(say, stopping));
  await check('types of tests', () => run('tsc', '-p', 'test'));
  await check('types of scripts', () => run('tsc', '-p', 'scripts'));
  /** @type {string | undefined} */
  let redis;
  await check('Redis', async (say) => (redis = await provideRedisServer(say, stopping)));
  if (stopping.aborted) return finish(0, Math.max(failed, 1));

  const tests = await runMocha({ ...process.env, TEST_REDIS_SERVER: redis ?? '' }, stopping);
  if (tests.leftOut.length === 0) return finish(tests.passed, failed + tests.failed);
  const why = redis === undefined ? ' (those that need Redis persistence want a redis-server on the PATH)' : '';
  print(`${yellow(`Left out${why}:`)}\n${tests.leftOut.map((title) => `  ${title}`).join('\n')}\n`);
  if (!process.env.CI) return finish(tests.passed, failed + tests.failed);
  print(red('With CI set, a test that is left out counts as failed.'));
  return finish(tests.passed, failed + tests.failed + tests.leftOut.length);
}

/**
 * @param {number} passed
 * @param {number} failed
 */
function finish(passed, failed) {
  print(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
