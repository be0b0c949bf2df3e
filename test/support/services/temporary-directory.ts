import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reapDirectory } from './reaper.js';
import { afterAllTests } from './teardown.js';

/** A folder that is gone after the tests, even if they are killed. */
export async function makeTemporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'vidhuk-test-'));
  reapDirectory(directory);
  afterAllTests(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
