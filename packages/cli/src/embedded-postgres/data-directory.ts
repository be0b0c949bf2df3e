/** PostgreSQL's data folder, with the password and the last port in a file of ours: they live and die with the data. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { codeOf, PlainError } from '../system/plain-error.js';
import { runCommand } from '../system/run-command.js';
import { lookAt } from './look-at.js';
import { giveTo, isReachable, type ServerUser } from './server-user.js';

export interface Connection {
  password: string;
  /** Used last. */
  port?: number;
}

export const superuser = 'postgres';

const connectionFile = (dataDir: string): string => join(dataDir, 'vidhuk-connection.json');

/** Throws a {@link PlainError} where the file is not whole. */
export function readConnection(dataDir: string): Connection {
  const file = connectionFile(dataDir);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Connection;
  } catch (error) {
    if (!(error instanceof SyntaxError) && codeOf(error) !== 'ENOENT') throw error;
    throw new PlainError(
      `${file} is not whole (was there a power cut?). It holds the password of PostgreSQL's superuser: put it back from a backup, or write {"password":"…"} with that password into it.`,
    );
  }
}

export const writeConnection = (dataDir: string, connection: Connection): void =>
  writeFileAtomic.sync(connectionFile(dataDir), `${JSON.stringify(connection)}\n`, { mode: 0o600 });

/**
 * How the server names its data folder. Below a folder closed to its user (VIDHUK_HOME in /root) no path leads there, but a working
 * directory does: it is entered before root's rights are given up.
 */
export const pathForServer = (dataDir: string, user: ServerUser | undefined): string =>
  isReachable(dataDir, user) ? dataDir : '/proc/self/cwd';

/** Creates the data folder with the program `initdb`, completely or not at all; one that is there and cannot be read, or is something else, is left as it is. */
export async function createDataDirectory(dataDir: string, initdb: string, user: ServerUser | undefined): Promise<void> {
  if (lookAt(join(dataDir, 'PG_VERSION')) !== undefined) return;
  if (lookAt(dataDir) !== undefined && readdirSync(dataDir).length > 0)
    throw new PlainError(`${dataDir} is not empty and holds no PostgreSQL: move it away, or set VIDHUK_HOME to another folder.`);
  const unfinished = `${dataDir}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  try {
    await fillDataDirectory(unfinished, initdb, user);
    renameSync(unfinished, dataDir);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
}

async function fillDataDirectory(folder: string, initdb: string, user: ServerUser | undefined): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  giveTo(folder, user);
  const password = randomBytes(24).toString('base64url');
  const passwordFile = `${folder}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  giveTo(passwordFile, user);
  const input = createReadStream(passwordFile);
  await once(input, 'open');
  const args = [
    ...['--pgdata', pathForServer(folder, user), '--username', superuser],
    ...['--auth', 'scram-sha-256', '--pwfile', '/dev/stdin'],
    ...['--encoding', 'UTF8', '--locale-provider', 'builtin', '--locale', 'C.UTF-8'],
  ];
  try {
    await runCommand(initdb, args, { ...user, cwd: folder, stdin: input });
  } finally {
    input.destroy();
    rmSync(passwordFile);
  }
  writeConnection(folder, { password });
}
