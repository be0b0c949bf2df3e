/** The user PostgreSQL runs as. It refuses root, so root runs it as the owner of its data, which is `nobody` at first. */
import { spawnSync } from 'node:child_process';
import { chownSync, readFileSync } from 'node:fs';
import { codeOf, PlainError } from '../system/plain-error.js';
import { lookAt } from './look-at.js';

export interface ServerUser {
  uid: number;
  gid: number;
}

/** `dataDir` may not exist yet. Undefined: whoever runs us. */
export function chooseServerUser(dataDir: string): ServerUser | undefined {
  const owner = lookAt(dataDir);
  const own = process.getuid?.();
  if (own === 0) return owner === undefined || owner.uid === 0 ? nobody() : { uid: owner.uid, gid: owner.gid };
  if (owner === undefined || owner.uid === own) return undefined;
  throw new PlainError(
    `${dataDir} belongs to another user (was it made as root?): run this as that user, or set VIDHUK_HOME to another folder.`,
  );
}

function nobody(): ServerUser {
  const [, , uid, gid] = /^nobody:.*$/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[0].split(':') ?? [];
  const usual = 65_534;
  return { uid: Number(uid ?? usual) >>> 0, gid: Number(gid ?? usual) >>> 0 }; // >>> 0: macOS writes -2
}

/** Makes a file or folder belong to the server. */
export function giveTo(path: string, user: ServerUser | undefined): void {
  if (user === undefined) return;
  try {
    chownSync(path, user.uid, user.gid);
  } catch (error) {
    throw new PlainError(
      `PostgreSQL does not run as root, and ${path} could not be given to another user (${codeOf(error) ?? String(error)}): run this as a plain user.`,
    );
  }
}

/** Whether the server reaches the path: no folder above it is closed to its user. */
export function isReachable(path: string, user: ServerUser | undefined): boolean {
  return user === undefined || spawnSync('test', ['-r', path], user).status === 0;
}
