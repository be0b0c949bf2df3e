/** The Redis that all tests of a run share. */
import { startRedisStandIn } from './redis-stand-in.js';
import { startRedisServer } from './redis-server.js';
import { beforeAllTests } from './startup.js';

let started: Promise<string> | undefined;

beforeAllTests(redisUrl);

/**
 * Its URL, which also stands in TEST_REDIS_URL from then on. It starts with the first call, and is the stand-in without persistence
 * where there is no redis-server; a TEST_REDIS_URL that is set beforehand names one to use instead.
 */
export function redisUrl(): Promise<string> {
  started ??= start();
  return started;
}

async function start(): Promise<string> {
  if (process.env.TEST_REDIS_URL) return process.env.TEST_REDIS_URL;
  const { url } = process.env.TEST_REDIS_SERVER ? await startRedisServer() : await startRedisStandIn();
  return (process.env.TEST_REDIS_URL = url);
}
