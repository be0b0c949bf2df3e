/**
 * Loaded by mocha, in parallel mode by each of its worker processes too. Builds first what changed, because tests start the processes as they are
 * shipped. Every process that runs tests has servers of its own, so that the files it runs, one after the other, never meet those of another one;
 * only services that the loaded tests import are started, so that unit tests alone pay for none.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Context } from 'mocha';
import { findRedisServer } from '../checks/redis-server.js';
import { startServices } from './services/startup.js';
import { stopServices } from './services/teardown.js';

/** The path of a real redis-server; empty: there is none (or none shall be used), and a stand-in without persistence serves. */
process.env.TEST_REDIS_SERVER ??= findRedisServer() ?? '';

/** Once in a run, before any worker process is there. */
export function mochaGlobalSetup(): void {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'packages/ingress', 'packages/cli'], {
    cwd: root,
    stdio: 'inherit',
  });
}

export const mochaHooks = {
  /** Before each file in a worker process, else once: what runs already is not started again. */
  async beforeAll(this: Context): Promise<void> {
    this.timeout(120_000);
    await startServices();
  },
};

/** Not in worker processes: what they leave is ended by their reaper. */
export async function mochaGlobalTeardown(): Promise<void> {
  await stopServices();
}
