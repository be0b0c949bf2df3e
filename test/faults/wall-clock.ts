/** The wall clock of the processes under test, which a fault may set: libfaketime stands before the system's, where it is installed. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const hourMs = 3_600_000;

export class WallClock {
  constructor(
    private readonly library: string,
    /** Says how far off the clock is; read at every look at it. */
    private readonly file: string,
  ) {
    this.set(0);
  }

  /** For a process that goes by this clock. Its timers go on as they did: the monotonic clock stays the system's, as when somebody sets a clock. */
  get variables(): Record<string, string> {
    return {
      LD_PRELOAD: this.library,
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    };
  }

  /** Moves it to so many ms before (negative) or after the right time, at once; 0 sets it right. */
  set(offsetMs: number): void {
    const seconds = Math.round(offsetMs / 1_000);
    writeFileSync(`${this.file}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    renameSync(`${this.file}.new`, this.file); // never read half written
  }
}

/** Path of a libfaketime under which Node really sees another time; undefined where there is none. */
export function findClockLibrary(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const folders = ['/usr/lib', ...readdirSync('/usr/lib').map((name) => `/usr/lib/${name}`), '/usr/local/lib'];
  return folders.map((folder) => join(folder, 'faketime/libfaketimeMT.so.1')).find((path) => existsSync(path) && works(path));
}

function works(library: string): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'vidhuk-clock-'));
  try {
    const clock = new WallClock(library, join(folder, 'clock'));
    clock.set(-2 * hourMs);
    const seen = execFileSync(process.execPath, ['-p', 'Date.now()'], { env: clock.variables, encoding: 'utf8' });
    return Math.abs(Number(seen) + 2 * hourMs - Date.now()) < 60_000;
  } catch {
    return false; // of another libc, say
  } finally {
    rmSync(folder, { recursive: true });
  }
}
