/** How much room is left on a disk of this machine. */
import { statfs } from 'node:fs/promises';

/** Of the disk with `folder`; null where this machine does not have it: then the database runs on another one. */
export async function freeBytesOf(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
