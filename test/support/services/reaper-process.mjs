/**
 * Outlives a test run by a moment: when its input ends, because the run is over or was killed, it ends the servers that are still
 * registered and removes the folders.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { stopProcess } from '../../../scripts/support/processes.mjs';

/** @type {Map<number, NodeJS.Signals>} */
const servers = new Map();
/** @type {string[]} */
const directories = [];

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined); // they are for the tests

for await (const line of createInterface({ input: process.stdin })) {
  /** @type {{ add?: number, signal?: NodeJS.Signals, remove?: number, directory?: string }} */
  const { add, signal, remove, directory } = JSON.parse(line);
  if (add !== undefined && signal !== undefined) servers.set(add, signal);
  if (remove !== undefined) servers.delete(remove);
  if (directory !== undefined) directories.push(directory);
}
for (const [pid, signal] of servers) {
  await stopProcess(pid, [
    [signal, 5_000],
    ['SIGKILL', 5_000],
  ]);
}
for (const directory of directories) rmSync(directory, { recursive: true, force: true });
