/** PostgreSQL's data folder, with the password and the last port in a file of ours: they live and die with the data. */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from '../command.mjs';
import { giveTo, isReachable } from './server-user.mjs';

/** @typedef {import('./server-user.mjs').ServerUser} ServerUser */
/** @typedef {{ password: string, port: number | undefined }} Connection */

export const superuser = 'postgres';

/** @param {string} dataDir */
const connectionFile = (dataDir) => path.join(dataDir, 'vidhuk-connection.json');

/**
 * @param {string} dataDir
 * @returns {Connection}
 */
export const readConnection = (dataDir) => JSON.parse(readFileSync(connectionFile(dataDir), 'utf8'));

/**
 * @param {string} dataDir
 * @param {Connection} connection
 */
export const writeConnection = (dataDir, connection) =>
  writeFileSync(connectionFile(dataDir), `${JSON.stringify(connection)}\n`, { mode: 0o600 });

/**
 * How the server names its data folder. Below a folder closed to its user (VIDHUK_HOME in /root) no path leads there, but a working
 * directory does: it is entered before root's rights are given up.
 * @param {string} dataDir
 * @param {ServerUser | undefined} user
 */
export const pathForServer = (dataDir, user) => (isReachable(dataDir, user) ? dataDir : '/proc/self/cwd');

/**
 * Creates the data folder, completely or not at all.
 * @param {string} dataDir
 * @param {string} initdb the program
 * @param {ServerUser | undefined} user
 */
export async function createDataDirectory(dataDir, initdb, user) {
  if (existsSync(path.join(dataDir, 'PG_VERSION'))) return;
  const unfinished = `${dataDir}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  giveTo(unfinished, user);

  const password = randomBytes(24).toString('base64url');
  const passwordFile = `${unfinished}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  giveTo(passwordFile, user);
  const input = openSync(passwordFile, 'r');
  const args = [
    ...['--pgdata', pathForServer(unfinished, user), '--username', superuser],
    ...['--auth', 'scram-sha-256', '--pwfile', '/dev/stdin'],
    ...['--encoding', 'UTF8', '--locale-provider', 'builtin', '--locale', 'C.UTF-8'],
  ];
  try {
    await runCommand(initdb, args, { ...user, cwd: unfinished, stdin: input });
  } finally {
    closeSync(input);
    rmSync(passwordFile);
  }
  writeConnection(unfinished, { password, port: undefined });
  renameSync(unfinished, dataDir);
}
