/** Dependencies as the lock file names them, by the pnpm that package.json pins, fetched with npx: nobody needs to have pnpm. */
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { inCheckout, root } from './checkout.mjs';
import { runCommand } from './command.mjs';
import { PlainError } from './plain-error.mjs';

const stampFile = inCheckout('node_modules/.vidhuk-installed');

/**
 * Does nothing when the last install was of the same lock file and manifests.
 * @param {(detail: string) => void} say
 * @param {AbortSignal} signal
 */
export async function installDependencies(say, signal) {
  const wanted = fingerprint();
  if (isInstalled(wanted)) return say('up to date');
  requireWritable();
  rmSync(stampFile, { force: true });
  // NODE_ENV=production would leave the compiler out; a question (may node_modules be replaced?) would wait for ever.
  const args = ['install', '--frozen-lockfile', '--prod=false', '--config.confirm-modules-purge=false', '--reporter=append-only'];
  try {
    await runCommand('npx', ['-y', pinnedPnpm(), ...args], { cwd: root, signal, onLine: (line) => say(line.trim()) });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new PlainError('npx is not on the PATH: install npm, which Node normally brings along.');
    throw error;
  }
  writeFileSync(stampFile, wanted);
  say('installed');
}

const manifests = () => ['package.json', ...readdirSync(inCheckout('packages')).map((name) => `packages/${name}/package.json`)];

function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const file of [...manifests(), 'pnpm-workspace.yaml', 'pnpm-lock.yaml']) hash.update(readFileSync(inCheckout(file)));
  return hash.digest('hex');
}

/** @param {string} wanted */
function isInstalled(wanted) {
  const linked = manifests().every((file) => existsSync(inCheckout(file.replace('package.json', 'node_modules'))));
  return linked && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted;
}

function pinnedPnpm() {
  /** @type {unknown} */
  const manifest = JSON.parse(readFileSync(inCheckout('package.json'), 'utf8'));
  return /** @type {{ packageManager: string }} */ (manifest).packageManager;
}

function requireWritable() {
  for (const folder of [root, inCheckout('node_modules')].filter((path) => existsSync(path))) {
    try {
      accessSync(folder, constants.W_OK);
    } catch {
      throw new PlainError(`${folder} is not writable for you: make it so, or run this from a clone of your own.`);
    }
  }
}
