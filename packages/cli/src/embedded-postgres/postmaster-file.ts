/** `postmaster.pid`, in which a running server tells where it is; a crash leaves it behind. */
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PlainError } from '../system/plain-error.js';
import { commandLineOf, isAlive, stopProcess, type StopSignals } from '../system/processes.js';

const fileIn = (dataDir: string): string => join(dataDir, 'postmaster.pid');

/** Undefined: no server runs there, nor crashed there. */
export function readPostmasterFile(dataDir: string): { pid: number; ready: boolean } | undefined {
  try {
    const lines = readFileSync(fileIn(dataDir), 'utf8').split('\n');
    return { pid: Number.parseInt(lines[0] ?? '', 10), ready: lines[7]?.trim() === 'ready' };
  } catch {
    return undefined;
  }
}

/** Given to the server as an argument, so that its command line tells which folder it serves. */
export const clusterName = (dataDir: string): string =>
  `vidhuk-${createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 16)}`;

/** Ends the server that a crashed start left running on this folder, and the mark of one that is gone. */
export async function stopOrphan(dataDir: string): Promise<void> {
  const left = readPostmasterFile(dataDir);
  // Emptied by a power cut it names nobody, and the server would not start for it. Nobody else starts one here: this instance holds the folder.
  if (left !== undefined && !Number.isInteger(left.pid)) rmSync(fileIn(dataDir));
  if (left === undefined || !Number.isInteger(left.pid) || !isAlive(left.pid)) return; // the next server removes the file by itself
  const commandLine = commandLineOf(left.pid);
  if (commandLine.includes(clusterName(dataDir))) {
    if (await stopProcess(left.pid, stopSignals)) return;
    throw new PlainError(`PostgreSQL of an earlier start does not stop: end process ${left.pid}, then run this again.`);
  }
  // The number was given to another program since. Of a server that is not ours, let PostgreSQL itself complain.
  if (!commandLine.includes('postgres')) rmSync(fileIn(dataDir));
}

/** Fast shutdown (connections are cut, everything is written), then at once (the next start recovers from the log). */
export const stopSignals: StopSignals = [
  ['SIGINT', 30_000],
  ['SIGQUIT', 10_000],
];
