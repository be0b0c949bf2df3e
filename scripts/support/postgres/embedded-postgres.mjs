/** A PostgreSQL server of our own, as root and as a plain user, over a data folder that is found again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError } from '../command.mjs';
import { freePort, isPortFree } from '../ports.mjs';
import { findBinaries } from './binaries.mjs';
import { createDataDirectory, pathForServer, readConnection, superuser, writeConnection } from './data-directory.mjs';
import { clusterName, readPostmasterFile, stopOrphan, stopSignals } from './postmaster-file.mjs';
import { chooseServerUser } from './server-user.mjs';

/** Recovery after a crash reads the log since the last checkpoint. */
const readyWithinMs = 120_000;

/**
 * @typedef {object} EmbeddedPostgresOptions
 * @property {string} dataDir created when missing; keeps the superuser's password and the port used last
 * @property {string} logFile receives what the server logs
 * @property {number | undefined} [port] default: the port used last if it is free, else any free one
 * @property {Record<string, string>} [settings] on top of postgresql.conf
 */

/**
 * @typedef {object} EmbeddedPostgres
 * @property {string} url of the database `postgres`, as superuser
 * @property {number} port
 * @property {number} pid
 * @property {Promise<string>} exited settles when the server has ended, for whatever reason, with how it ended
 * @property {() => Promise<void>} stop in order, under a deadline
 * @property {() => void} kill at once; the next start recovers
 */

/**
 * Starts PostgreSQL on 127.0.0.1, detached, so that Ctrl-C on the terminal does not reach it.
 * @param {EmbeddedPostgresOptions} options
 * @returns {Promise<EmbeddedPostgres>} when it takes connections
 */
export async function startEmbeddedPostgres({ dataDir, logFile, port: wantedPort, settings = {} }) {
  const user = chooseServerUser(dataDir);
  const { initdb, postgres } = findBinaries(user);
  await createDataDirectory(dataDir, initdb, user);
  await stopOrphan(dataDir);

  const { password, port: lastPort } = readConnection(dataDir);
  const port = wantedPort ?? (lastPort !== undefined && (await isPortFree(lastPort, '127.0.0.1')) ? lastPort : await freePort());
  const allSettings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    cluster_name: clusterName(dataDir),
    max_connections: '200',
    ...settings,
  };
  const args = Object.entries(allSettings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openSync(logFile, 'a');
  const logStart = statSync(logFile).size;
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
  writeConnection(dataDir, { password, port });
  return {
    url: `postgres://${superuser}:${password}@127.0.0.1:${port}/postgres`,
    port,
    pid,
    exited,
    stop: () => stopChild(child, exited),
    kill: () => void child.kill('SIGQUIT'),
  };
}

/**
 * By its handle, not by its number: once it has ended, the number may belong to another process.
 * @param {import('node:child_process').ChildProcess} child
 * @param {Promise<unknown>} exited
 */
async function stopChild(child, exited) {
  for (const [signal, waitMs] of stopSignals) {
    if (!child.kill(signal)) return;
    const ended = await Promise.race([exited.then(() => true), sleep(waitMs, false, { ref: false })]);
    if (ended) return;
  }
}

/**
 * @param {string} dataDir
 * @param {import('node:child_process').ChildProcess} child
 */
async function untilReady(dataDir, child) {
  for (const end = Date.now() + readyWithinMs; Date.now() < end; await sleep(20)) {
    const file = readPostmasterFile(dataDir);
    if (file?.pid === child.pid && file?.ready) return 'ready';
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) break;
  }
  child.kill('SIGQUIT');
  return `not ready within ${readyWithinMs / 1000} s`;
}
