/** One instance per `$VIDHUK_HOME`: a file names its processes, so that a second start is refused and one after a crash can clean up. */
import { linkSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { codeOf, PlainError } from '../plain-error.mjs';
import { isAlive, startOf, stopProcess } from '../processes.mjs';
import { writePrivate } from './home.mjs';

/** @typedef {{ pid: number, start: string }} KnownProcess */
/** @typedef {KnownProcess & { services: Record<string, KnownProcess> }} Instance */

/** @param {number} pid */
const known = (pid) => ({ pid, start: startOf(pid) });

/** @param {KnownProcess} process */
const isStillThere = ({ pid, start }) => isAlive(pid) && startOf(pid) === start;

/**
 * @param {string} home
 * @param {(text: string) => void} say
 * @returns {Promise<{ note(service: string, pid: number): void, release(): void }>}
 */
export async function lockInstance(home, say) {
  const file = path.join(home, 'instance.json');
  /** @type {Instance} */
  const own = { ...known(process.pid), services: {} };
  while (!claim(file, own)) {
    /** @type {Instance} */
    const other = JSON.parse(readFileSync(file, 'utf8'));
    if (isStillThere(other)) {
      throw new PlainError(
        `Vidhuk already runs on ${home} (process ${other.pid}): stop it first (Ctrl-C there, or: kill ${other.pid}), or run a second one with other VIDHUK_HOME, INGRESS_PORT and ADMIN_PORT.`,
      );
    }
    await endServices(other, say);
    rmSync(file);
  }
  return {
    note(service, pid) {
      own.services[service] = known(pid);
      writePrivate(file, own);
    },
    release: () => rmSync(file, { force: true }),
  };
}

/**
 * @param {string} file
 * @param {Instance} own
 * @returns {boolean} whether the file is ours now
 */
function claim(file, own) {
  const draft = `${file}.${process.pid}.new`;
  writePrivate(draft, own);
  try {
    linkSync(draft, file); // unlike a rename it fails when the file is there
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft);
  }
}

/**
 * What a crashed start had running ends by itself when it notices; the next start waits for that, and helps after a while.
 * @param {Instance} crashed
 * @param {(text: string) => void} say
 */
async function endServices({ services }, say) {
  for (const [name, service] of Object.entries(services).filter(([, service]) => isStillThere(service))) {
    say(`waiting for the ${name} of an earlier start, which did not end in order`);
    await stopProcess(service.pid, [
      ['SIGTERM', 20_000],
      ['SIGKILL', 5_000],
    ]);
  }
}
