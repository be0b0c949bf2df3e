/** Everything of `vidhuk start`, from the checks to the orderly end. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigurationError, type Variables } from '@vidhuk/shared';
import { exitCode } from '../environment.js';
import { printFailure } from '../output/failure.js';
import { print, printAside } from '../output/print.js';
import { showFailure } from '../output/show-failure.js';
import { step } from '../output/step.js';
import { listenForInterrupts } from '../system/interrupts.js';
import { PlainError } from '../system/plain-error.js';
import { checkConfiguration } from './check-configuration.js';
import { cloneRoot, requireClone } from './clone.js';
import { openHome } from './home.js';
import { lockInstance } from './instance-lock.js';
import { chooseListeners } from './listeners.js';
import { waitUntilReady } from './readiness.js';
import type { Acquired } from './running.js';
import { failureOf, startServices, type Instance, type StartedService } from './start-services.js';
import { watchBuild } from './watch-build.js';

export interface StartOptions {
  /** The environment as the caller has set it. */
  environment: Variables;
  /** The process that has started this one, which is not to outlive it: npm. */
  parent?: number | undefined;
  /** Lines about what was done before, shown where the start goes on: a refusal is one line. */
  prepared?: readonly string[];
  /** Compile on every change, and begin the services again. */
  watch?: boolean | undefined;
}

/** Runs until it is told to stop. Gives the exit code. */
export async function runInstance(options: StartOptions): Promise<number> {
  const { environment: given, parent } = options;
  const { stopping, forced } = listenForInterrupts(parent);
  // A terminal that was closed, or a reader that has enough, must not keep it from cleaning up; other commands end then (main.ts).
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error').on('error', () => undefined);
  const acquired: Acquired = [];
  forced.addEventListener('abort', () => {
    for (const { kill } of acquired) kill();
  });
  let code: number = exitCode.ok;
  try {
    requireClone(cloneRoot);
    const home = openHome(given);
    const checked = await checkConfiguration(home, given);
    const lock = await lockInstance(home, print);
    const runFile = join(home, 'run.json');
    try {
      const listeners = await chooseListeners(checked.environment);
      for (const line of options.prepared ?? []) print(line);
      const instance = { home, runFile, lock, acquired, given, stopping };
      const services = await startServices(instance, checked, listeners);
      if (options.watch) watch(instance, services);
      await untilOver(services, stopping);
    } catch (error) {
      if (!stopping.aborted) throw error; // else it is what the interruption has broken
    } finally {
      if (stopping.aborted) print('');
      rmSync(runFile, { force: true });
      await closeAll(acquired);
      lock.release();
    }
  } catch (error) {
    if (error instanceof PlainError || error instanceof ConfigurationError) await printFailure(error, false);
    else showFailure(error);
    code = exitCode.failure;
  }
  return forced.aborted ? exitCode.failure : code;
}

/** Fails when a service has refused its configuration. */
async function untilOver(services: readonly StartedService[], stopping: AbortSignal): Promise<void> {
  const over = AbortSignal.any([stopping, ...services.map(({ supervised }) => supervised.gaveUp)]);
  if (!over.aborted) await new Promise((resolve) => over.addEventListener('abort', resolve));
  const refusing = services.find(({ supervised }) => supervised.gaveUp.aborted);
  if (refusing && !stopping.aborted) throw failureOf(`The ${refusing.name} refuses its configuration`, refusing.logView);
}

function watch({ lock, acquired, stopping }: Instance, services: readonly StartedService[]): void {
  let last = Promise.resolve();
  const restart = async (): Promise<void> => {
    const began = performance.now();
    for (const { supervised } of services) await supervised.restart();
    await sleep(100);
    for (const { readyUrl } of services) await waitUntilReady(readyUrl, stopping);
    if (!stopping.aborted) print(`Built and begun again in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
  };
  const compiler = watchBuild({
    onBuilt: () => void (last = last.then(restart)),
    onLine: printAside,
    onSpawn: (pid) => lock.note('compiler', pid),
  });
  acquired.push({ name: 'compiler', ...compiler });
  print('Watching packages/: a change is built, and the services begin again.');
}

async function closeAll(acquired: Acquired): Promise<void> {
  for (const { name, stop } of acquired.reverse()) await step(`stop ${name}`, stop).catch(showFailure);
}
