/**
 * Loaded by mocha. Builds first what changed, because tests start the processes as they are shipped. Only services that the loaded tests
 * import are started, so that unit tests alone pay for none.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findRedisServer } from '../checks/redis-server.js';
import { startServices } from './services/startup.js';
import { stopServices } from './services/teardown.js';

/** The path of a real redis-server; empty: there is none (or none shall be used), and a stand-in without persistence serves. */
process.env.TEST_REDIS_SERVER ??= findRedisServer() ?? '';

export async function mochaGlobalSetup(): Promise<void> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'packages/ingress', 'packages/cli'], {
    cwd: root,
    stdio: 'inherit',
  });
  await startServices();
}

export async function mochaGlobalTeardown(): Promise<void> {
  await stopServices();
}
