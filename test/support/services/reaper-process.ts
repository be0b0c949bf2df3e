/**
 * Outlives a test run by a moment: when its input ends, because the run is over or was killed, it ends the servers that are still
 * registered and removes the folders, with a PostgreSQL that still runs in one: the run may have been killed before it knew of it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stopOrphan } from '../../../packages/cli/src/embedded-postgres/postmaster-file.js';
import { stopProcess } from '../../../packages/cli/src/system/processes.js';

interface Message {
  add?: number;
  signal?: NodeJS.Signals;
  remove?: number;
  directory?: string;
  mount?: string;
}

const servers = new Map<number, NodeJS.Signals>();
const directories: string[] = [];
const mounts = new Set<string>();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined); // they are for the tests

for await (const line of createInterface({ input: process.stdin })) {
  const { add, signal, remove, directory, mount } = JSON.parse(line) as Message;
  if (add !== undefined && signal !== undefined) servers.set(add, signal);
  if (remove !== undefined) servers.delete(remove);
  if (directory !== undefined) directories.push(directory);
  if (mount !== undefined) mounts.add(mount);
}
for (const [pid, signal] of servers) {
  await stopProcess(pid, [
    [signal, 5_000],
    ['SIGKILL', 5_000],
  ]);
}
for (const directory of directories.filter(existsSync)) {
  for (const name of readdirSync(directory)) await stopOrphan(join(directory, name));
  if (mounts.has(directory)) execFileSync('umount', [directory]);
  rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }); // initdb may still be writing
}
