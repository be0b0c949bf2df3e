/** `$VIDHUK_HOME`: the data, the secrets, the logs and the marks of a running instance. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { messageOf, readSecret, settingOf, type Variables } from '@vidhuk/shared';
import writeFileAtomic from 'write-file-atomic';
import { PlainError } from '../system/plain-error.js';
import { cloneRoot } from './clone.js';

const logBytes = 10 * 1024 * 1024;

/** The folder, which exists and can be written. */
export function openHome(environment: Variables): string {
  const home = resolve(cloneRoot, settingOf(environment, 'VIDHUK_HOME') ?? '.vidhuk');
  const trial = join(home, '.writable');
  try {
    makeFolder(join(home, 'logs'));
    writeFileSync(trial, '');
    rmSync(trial);
    return home;
  } catch (error) {
    throw new PlainError(
      `${home} cannot be written (${messageOf(error)}): let ${userInfo().username} write there, or choose another folder: VIDHUK_HOME=/some/folder npm start`,
    );
  }
}

/** With its parents. Not by Node's `recursive`, which tries again for ever where the system says ENOENT although the parent is there, as in /proc. */
function makeFolder(folder: string): void {
  const parent = dirname(folder);
  if (!existsSync(parent)) makeFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/** The log file's path; what was logged before is put aside once it is large. */
export function openLog(home: string, name: string): string {
  const file = join(home, 'logs', `${name}.log`);
  if (existsSync(file) && statSync(file).size > logBytes) renameSync(file, `${file}.1`);
  return file;
}

/** The secret from the environment, else one made at random, the same at every start. */
export function secret(home: string, name: string, environment: Variables): string {
  const { value, problem } = readSecret(environment, name);
  if (problem !== undefined) throw new PlainError(problem);
  if (value !== undefined) return value.trim();
  const file = join(home, 'secrets.json');
  const secrets = existsSync(file) ? readSecrets(file) : {};
  const kept = secrets[name] ?? randomBytes(24).toString('base64url');
  if (secrets[name] === undefined) writePrivate(file, { ...secrets, [name]: kept });
  return kept;
}

function readSecrets(file: string): Record<string, string> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new PlainError(
      `${file} is not whole (was there a power cut?): put it back from a backup, or remove it; then tokens and ADMIN_TOKEN are made anew, and the URL that the platform calls is another one.`,
    );
  }
}

/** Replaces a file that only we may read, in one step, and whole after a power cut too. */
export const writePrivate = (file: string, content: object): void =>
  writeFileAtomic.sync(file, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 });
