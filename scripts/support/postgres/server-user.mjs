/**
 * The user PostgreSQL runs as. It refuses root, so root runs it as the owner of its data, which is `nobody` at first.
 * @typedef {{ uid: number, gid: number }} ServerUser
 */
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readFileSync, statSync } from 'node:fs';
import { messageOf, PlainError } from '../plain-error.mjs';

/**
 * @param {string} dataDir may not exist yet
 * @returns {ServerUser | undefined} undefined: whoever runs us
 */
export function chooseServerUser(dataDir) {
  const owner = existsSync(dataDir) ? statSync(dataDir) : undefined;
  const own = process.getuid?.();
  if (own === 0) return owner === undefined || owner.uid === 0 ? nobody() : { uid: owner.uid, gid: owner.gid };
  if (owner === undefined || owner.uid === own) return undefined;
  throw new PlainError(
    `${dataDir} belongs to another user (was it made as root?): run this as that user, or set VIDHUK_HOME to another folder.`,
  );
}

/** @returns {ServerUser} */
function nobody() {
  const [, , uid, gid] = /^nobody:.*$/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[0].split(':') ?? [];
  const usual = 65_534;
  return { uid: Number(uid ?? usual) >>> 0, gid: Number(gid ?? usual) >>> 0 }; // >>> 0: macOS writes -2
}

/**
 * Makes a file or folder belong to the server.
 * @param {string} path
 * @param {ServerUser | undefined} user
 */
export function giveTo(path, user) {
  if (user === undefined) return;
  try {
    chownSync(path, user.uid, user.gid);
  } catch (error) {
    throw new PlainError(
      `PostgreSQL does not run as root, and ${path} could not be given to another user (${messageOf(error)}): run this as a plain user.`,
    );
  }
}

/**
 * @param {string} path
 * @param {ServerUser | undefined} user
 * @returns {boolean} whether the server reaches the path: no folder above it is closed to its user
 */
export function isReachable(path, user) {
  return user === undefined || spawnSync('test', ['-r', path], user).status === 0;
}
