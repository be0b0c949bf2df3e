/** A PostgreSQL server of our own, as root and as a plain user, over a data folder that is found again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, isPortFree } from '../system/ports.js';
import { CommandError } from '../system/run-command.js';
import { findBinaries } from './binaries.js';
import { createDataDirectory, pathForServer, readConnection, superuser, writeConnection } from './data-directory.js';
import { clusterName, readPostmasterFile, stopOrphan, stopSignals } from './postmaster-file.js';
import { chooseServerUser } from './server-user.js';

/** Recovery after a crash reads the log since the last checkpoint. */
const readyWithinMs = 120_000;

export interface EmbeddedPostgresOptions {
  /** Created when missing; keeps the superuser's password and the port used last. */
  dataDir: string;
  /** Receives what the server logs. */
  logFile: string;
  /** Default: the port used last on this folder if it is free, else any free one. */
  port?: number | undefined;
  /** On top of postgresql.conf. */
  settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedPostgres {
  /** Of the database `postgres`, as superuser. */
  url: string;
  port: number;
  pid: number;
  /** Settles when the server has ended, for whatever reason, with how it ended. */
  exited: Promise<string>;
  /** Ends it in order, under a deadline. */
  stop: () => Promise<void>;
  /** Ends it at once, by SIGQUIT; the next start recovers. */
  kill: () => void;
}

/** Starts PostgreSQL on 127.0.0.1, detached, so that Ctrl-C on the terminal does not reach it; resolves when it takes connections. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, logFile } = options;
  const user = chooseServerUser(dataDir);
  const { initdb, postgres } = findBinaries(user);
  await createDataDirectory(dataDir, initdb, user);
  await stopOrphan(dataDir);

  const { password, port: lastPort } = readConnection(dataDir);
  const port =
    options.port ?? (lastPort !== undefined && (await isPortFree(lastPort, '127.0.0.1')) ? lastPort : await freePort());
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    cluster_name: clusterName(dataDir),
    max_connections: '200',
    ...options.settings,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openSync(logFile, 'a');
  const logStart = statSync(logFile).size;
  // Not by execa, which ends a child by SIGKILL at last: PostgreSQL's other processes would outlive it.
  const child = spawn(postgres, ['-D', pathForServer(dataDir, user), ...args], {
    ...user,
    cwd: dataDir,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const exited = once(child, 'exit').then(([code, signal]) => String(signal ?? `exit code ${code}`));

  const outcome = await Promise.race([exited, untilReady(dataDir, child)]);
  const pid = child.pid;
  if (outcome !== 'ready' || pid === undefined) {
    const output = readFileSync(logFile).subarray(logStart).toString().trim();
    throw new CommandError(`PostgreSQL did not start (${outcome})`, output);
  }
  if (port !== lastPort) writeConnection(dataDir, { password, port });
  return {
    url: `postgres://${superuser}:${password}@127.0.0.1:${port}/postgres`,
    port,
    pid,
    exited,
    stop: () => stopChild(child, exited),
    kill: () => void child.kill('SIGQUIT'),
  };
}

/** By its handle, not by its number: once it has ended, the number may belong to another process. */
async function stopChild(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  for (const [signal, waitMs] of stopSignals) {
    if (!child.kill(signal)) return;
    const ended = await Promise.race([exited.then(() => true), sleep(waitMs, false, { ref: false })]);
    if (ended) return;
  }
}

async function untilReady(dataDir: string, child: ChildProcess): Promise<string> {
  for (const end = Date.now() + readyWithinMs; Date.now() < end;) {
    const file = readPostmasterFile(dataDir);
    if (file?.pid === child.pid && file?.ready) return 'ready';
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) break;
    await sleep(20);
  }
  child.kill('SIGQUIT');
  return `not ready within ${readyWithinMs / 1000} s`;
}
