/** Everything of `npm start`, from the checks to the orderly end. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { build } from '../build.mjs';
import { showFailure } from '../failure.mjs';
import { installDependencies } from '../install.mjs';
import { listenForInterrupts } from '../interrupts.mjs';
import { step } from '../step.mjs';
import { print } from '../terminal.mjs';
import { openHome } from './home.mjs';
import { lockInstance } from './instance-lock.mjs';
import { chooseListeners } from './settings.mjs';

/** @typedef {import('./service.mjs').Acquired} Acquired */

/**
 * Runs until it is told to stop.
 * @param {NodeJS.ProcessEnv} env
 * @param {number} [npm] the process that has started this one, which is not to outlive it
 * @returns {Promise<number>} the exit code
 */
export async function runInstance(env, npm) {
  const { stopping, forced } = listenForInterrupts(npm);
  /** @type {Acquired} */
  const acquired = [];
  forced.addEventListener('abort', () => {
    for (const { kill } of acquired) kill();
  });
  let exitCode = 0;
  try {
    const home = openHome(env);
    const lock = await lockInstance(home, print);
    const runFile = path.join(home, 'run.json');
    try {
      await serve({ home, runFile, lock, acquired, env, stopping });
    } catch (error) {
      if (!stopping.aborted) throw error; // else it is what the interruption has broken
    } finally {
      if (stopping.aborted) print('');
      rmSync(runFile, { force: true });
      await closeAll(acquired);
      lock.release();
    }
  } catch (error) {
    showFailure(error);
    exitCode = 1;
  }
  return forced.aborted ? 1 : exitCode;
}

/** @param {import('./start-services.mjs').Instance} instance */
async function serve(instance) {
  const { env, stopping } = instance;
  const listeners = await chooseListeners(env);
  await step('dependencies', (say) => installDependencies(say, stopping));
  await step('build', (say) => build(say, stopping));
  const { startServices } = await import('./start-services.mjs'); // needs the dependencies
  await startServices(instance, listeners);
  if (!stopping.aborted) await new Promise((resolve) => stopping.addEventListener('abort', resolve));
}

/** @param {Acquired} acquired */
async function closeAll(acquired) {
  for (const { name, stop } of acquired.reverse()) {
    await step(`stop ${name}`, stop).catch(showFailure);
  }
}
