/** `npm run faults`: breaks a cluster on purpose, seed by seed, and says whether anything was lost. */
import { fileURLToPath } from 'node:url';
import { listenForInterrupts } from '../../packages/cli/src/system/interrupts.js';
import { findRedisServer } from '../checks/redis-server.js';
import { stopServices } from '../support/services/teardown.js';
import { runFaults } from './run-faults.js';
import { runSeeds } from './run-seeds.js';

const results = fileURLToPath(new URL('results', import.meta.url));
const print = (text: string): void => void process.stdout.write(`${text}\n`);

try {
  process.env.TEST_REDIS_SERVER ??= findRedisServer() ?? '';
  const { stopping, forced } = listenForInterrupts();
  stopping.addEventListener('abort', () => print('This seed is played to its end; Ctrl-C again ends it at once.'));
  forced.addEventListener('abort', () => process.exit(2));
  process.exitCode = await runFaults(process.argv.slice(2), { results, stopping, print, run: runSeeds });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 2;
} finally {
  await stopServices();
}
