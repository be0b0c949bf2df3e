/** Loaded by mocha. Only services that the loaded tests import are started, so that unit tests alone pay for none. */
import { findRedisServer } from '../../scripts/support/test-services.mjs';
import { startServices } from './services/startup.js';
import { stopServices } from './services/teardown.js';

/** The path of a real redis-server; empty: there is none (or none shall be used), and a stand-in without persistence serves. */
process.env.TEST_REDIS_SERVER ??= findRedisServer() ?? '';

export async function mochaGlobalSetup(): Promise<void> {
  await startServices();
}

export async function mochaGlobalTeardown(): Promise<void> {
  await stopServices();
}
