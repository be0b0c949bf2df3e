/** Chromium as people have it, for tests of pages: found on the PATH, nothing is installed. */
import { chromium, type Browser } from 'playwright-core';
import type { Context } from 'mocha';
import { findProgram } from './find-program.js';

/** Its path, if the PATH has one. */
export const findChromium = (): string | undefined => findProgram(['chromium', 'chromium-browser', 'google-chrome']);

/** `before(needsChromium)`: leaves the tests of this suite out where there is none; never with CI set. */
export function needsChromium(this: Context): void {
  if (findChromium() !== undefined) return;
  if (process.env.CI) throw new Error('these tests need chromium on the PATH, and with CI set none may be left out');
  this.skip();
}

/** Without its sandbox, which root does not get. Guard the tests by {@link needsChromium}. */
export async function startChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('guard this test by before(needsChromium)');
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
