/** The end of what tests share: closed after the last test, in reverse order. */
import { releaseReaper } from './reaper.js';

const closers: (() => Promise<void>)[] = [];

export function afterAllTests(close: () => Promise<void>): void {
  closers.push(close);
}

export async function stopServices(): Promise<void> {
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  releaseReaper();
}
