/** Chromium for the tests of pages: with CI set it is installed where that is possible, since none of its tests may be left out there. */
import type { StepLine } from '../../packages/cli/src/output/step-line.js';
import { runCommand } from '../../packages/cli/src/system/run-command.js';
import { findChromium } from '../support/chromium.js';

type Variables = Readonly<Record<string, string | undefined>>;

export async function provideChromium(
  { say }: Pick<StepLine, 'say'>,
  variables: Variables,
  can: boolean,
  signal: AbortSignal,
): Promise<void> {
  if (findChromium() === undefined && variables.CI && can && !variables.VIDHUK_NO_APT) {
    const onLine = (line: string) => say(`installing chromium: ${line}`);
    const env = { ...variables, DEBIAN_FRONTEND: 'noninteractive' };
    await runCommand('apt-get', ['update'], { env, signal, onLine });
    await runCommand('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { env, signal, onLine });
  }
  say(findChromium() ?? 'there is no chromium on the PATH: tests that need it are left out');
}
