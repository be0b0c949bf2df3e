/** A file system in memory that can be filled up. Only root may make one. */
import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAllTests } from '../support/services/teardown.js';
import { makeTemporaryDirectory } from '../support/services/temporary-directory.js';

const megabytes = 1_500;

export interface SmallDisk {
  path: string;
  /** Until no byte is free. */
  fill: () => void;
  empty: () => void;
}

export const canMakeSmallDisk = (): boolean => process.platform === 'linux' && process.getuid?.() === 0;

export async function makeSmallDisk(): Promise<SmallDisk> {
  const path = await makeTemporaryDirectory();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'vidhuk-faults', path]);
  afterAllTests(() => Promise.resolve(void execFileSync('umount', [path])));
  const ballast = join(path, 'ballast');
  return {
    path,
    fill() {
      const { bavail, bsize } = statfsSync(path);
      execFileSync('fallocate', ['-l', String(Math.max(bavail - 1, 1) * bsize), ballast]);
      try {
        writeFileSync(`${ballast}.rest`, Buffer.alloc(4 * bsize));
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error; // which is what was wanted
      }
    },
    empty() {
      for (const file of [ballast, `${ballast}.rest`]) rmSync(file, { force: true });
    },
  };
}
