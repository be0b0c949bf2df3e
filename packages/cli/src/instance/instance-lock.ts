/**
 * One instance per `$VIDHUK_HOME`: a file names its processes, so that a second start is refused and one after a crash can clean up. Lock libraries
 * take over what has grown old (proper-lockfile: 10 s); this one knows at once that its owner is gone, also where another process has its pid.
 */
import { linkSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, PlainError } from '../system/plain-error.js';
import { isAlive, startOf, stopProcess } from '../system/processes.js';
import { writePrivate } from './home.js';

interface KnownProcess {
  pid: number;
  /** When it began: a pid may be used again. */
  start: string;
}

/** What `instance.json` holds. */
interface RunningInstance extends KnownProcess {
  services: Record<string, KnownProcess>;
}

export interface InstanceLock {
  /** Keeps the pid of a service for the start after a crash. */
  note(service: string, pid: number): void;
  release(): void;
}

const known = (pid: number): KnownProcess => ({ pid, start: startOf(pid) });
const isStillThere = ({ pid, start }: KnownProcess): boolean => isAlive(pid) && startOf(pid) === start;

/** Throws a {@link PlainError} where an instance runs. */
export async function lockInstance(home: string, say: (text: string) => void): Promise<InstanceLock> {
  const file = join(home, 'instance.json');
  const own: RunningInstance = { ...known(process.pid), services: {} };
  while (!claim(file, own)) {
    const other = readInstance(file);
    if (other === undefined) say(`${file} names no process, as after a power cut: it is made anew`);
    else if (isStillThere(other)) {
      throw new PlainError(
        `Vidhuk already runs on ${home} (process ${other.pid}): stop it first (Ctrl-C there, or: kill ${other.pid}), or run a second one with other VIDHUK_HOME, INGRESS_PORT and ADMIN_PORT.`,
      );
    } else await endServices(other, say);
    rmSync(file, { force: true });
  }
  return {
    note(service, pid) {
      own.services[service] = known(pid);
      writePrivate(file, own);
    },
    release: () => rmSync(file, { force: true }),
  };
}

/** Undefined where the file is not whole. */
function readInstance(file: string): RunningInstance | undefined {
  try {
    const { pid, start, services = {} } = JSON.parse(readFileSync(file, 'utf8')) as Partial<RunningInstance>;
    return pid === undefined || start === undefined ? undefined : { pid, start, services };
  } catch (error) {
    if (error instanceof SyntaxError || codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether the file is ours now. */
function claim(file: string, own: RunningInstance): boolean {
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

/** What a crashed start had running ends by itself when it notices; the next start waits for that, and helps after a while. */
async function endServices({ services }: RunningInstance, say: (text: string) => void): Promise<void> {
  for (const [name, service] of Object.entries(services).filter(([, service]) => isStillThere(service))) {
    say(`waiting for the ${name} of an earlier start, which did not end in order`);
    await stopProcess(service.pid, [
      ['SIGTERM', 20_000],
      ['SIGKILL', 5_000],
    ]);
  }
}
