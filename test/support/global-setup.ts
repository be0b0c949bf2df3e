/** Loaded by mocha before the tests. Services start when a test first asks for one, so that unit tests pay for none; here they end. */
import { findRedisServer } from '../../scripts/support/test-services.mjs';
import { stopServices } from './services/teardown.js';

/** The path of a real redis-server; empty: there is none (or none shall be used), and a stand-in without persistence serves. */
process.env.TEST_REDIS_SERVER ??= findRedisServer() ?? '';

export async function mochaGlobalTeardown(): Promise<void> {
  await stopServices();
}
