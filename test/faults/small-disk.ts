/** A file system in memory that can be filled up. Only root may make one. */
import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reapMount } from '../support/services/reaper.js';
import { afterAllTests } from '../support/services/teardown.js';
import { makeTemporaryDirectory } from '../support/services/temporary-directory.js';

const mebibyte = 2 ** 20;
export interface SmallDisk {
  path: string;
  /** Until no byte is free. */
  fill: () => void;
  empty: () => void;
}

export const canMakeSmallDisk = (): boolean => process.platform === 'linux' && process.getuid?.() === 0;

/** Of so many MiB of memory. */
export async function makeSmallDisk(mebibytes: number): Promise<SmallDisk> {
  const path = await makeTemporaryDirectory();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes * mebibyte},mode=755`, 'vidhuk-faults', path]);
  reapMount(path);
  afterAllTests(() => Promise.resolve(void execFileSync('umount', [path])));
  const ballast = join(path, 'ballast');
  return {
    path,
    fill() {
      // Others write at the same time: the last bit is taken piece by piece, until there is none.
      const { bavail, bsize } = statfsSync(path);
      const most = bavail * bsize - 8 * mebibyte;
      if (most > 0) execFileSync('fallocate', ['-l', String(most), ballast]);
      try {
        for (;;) writeFileSync(`${ballast}.rest`, Buffer.alloc(bsize), { flag: 'a' });
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error; // which is what was wanted
      }
    },
    empty() {
      for (const file of [ballast, `${ballast}.rest`]) rmSync(file, { force: true });
    },
  };
}
