/** The PostgreSQL server that all tests of a run share. */
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../../packages/cli/src/embedded-postgres/start-embedded-postgres.js';
import { afterAllTests } from './teardown.js';
import { makeTemporaryDirectory } from './temporary-directory.js';

let started: Promise<string> | undefined;

/**
 * The URL of the database `postgres`, as superuser, which also stands in TEST_DATABASE_URL from then on. The server starts with the
 * first call; a TEST_DATABASE_URL that is set beforehand names one to use instead.
 */
export function postgresUrl(): Promise<string> {
  started ??= start();
  return started;
}

/** Less work for the machine, and nothing that a test could see: no processes for reading, none that vacuums, no compiled plans. */
const settings = { io_method: 'sync', autovacuum_naptime: '1h', jit: 'off' };

async function start(): Promise<string> {
  if (process.env.TEST_DATABASE_URL) return process.env.TEST_DATABASE_URL;
  const directory = await makeTemporaryDirectory();
  const server = await startEmbeddedPostgres({
    dataDir: join(directory, 'postgres'),
    logFile: join(directory, 'postgres.log'),
    settings,
  });
  afterAllTests(() => server.stop());
  return (process.env.TEST_DATABASE_URL = server.url);
}
