/** `$VIDHUK_HOME`: the data, the secrets, the logs and the marks of a running instance. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { root } from '../checkout.mjs';
import { messageOf, PlainError } from '../plain-error.mjs';

const logBytes = 10 * 1024 * 1024;

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {string} the folder, which exists and can be written
 */
export function openHome(env) {
  const home = path.resolve(root, env.VIDHUK_HOME || '.vidhuk');
  const trial = path.join(home, '.writable');
  try {
    makeFolder(path.join(home, 'logs'));
    writeFileSync(trial, '');
    rmSync(trial);
    return home;
  } catch (error) {
    throw new PlainError(
      `${home} cannot be written (${messageOf(error)}): let ${userInfo().username} write there, or choose another folder: VIDHUK_HOME=/some/folder npm start`,
    );
  }
}

/**
 * With its parents. Not by Node's `recursive`, which tries again for ever where the system says ENOENT although the parent is there, as in /proc.
 * @param {string} folder
 */
function makeFolder(folder) {
  const parent = path.dirname(folder);
  if (!existsSync(parent)) makeFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/**
 * @param {string} home
 * @param {string} name
 * @returns {string} the log file's path; what was logged before is put aside once it is large
 */
export function openLog(home, name) {
  const file = path.join(home, 'logs', `${name}.log`);
  if (existsSync(file) && statSync(file).size > logBytes) renameSync(file, `${file}.1`);
  return file;
}

/**
 * @param {string} home
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 * @returns {string} the secret from the environment, else one made at random, the same at every start
 */
export function secret(home, name, env) {
  const given = env[name]?.trim();
  if (given) return given;
  const file = path.join(home, 'secrets.json');
  /** @type {Record<string, string>} */
  const secrets = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const kept = secrets[name] ?? randomBytes(24).toString('base64url');
  if (secrets[name] === undefined) writePrivate(file, { ...secrets, [name]: kept });
  return kept;
}

/**
 * Replaces a file that only we may read, in one step.
 * @param {string} file
 * @param {object} content
 */
export function writePrivate(file, content) {
  const next = `${file}.${process.pid}`;
  writeFileSync(next, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(next, file);
}
