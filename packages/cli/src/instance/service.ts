/** A service (ingress or worker) as a child process. It ends by itself if we do: its IPC channel breaks then. */
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Variables } from '@vidhuk/shared';
import { execa } from 'execa';
import { cloneRoot } from './clone.js';
import { runningChild, type Running } from './running.js';

/** sysexits.h, EX_CONFIG: services end so when the operator has to mend something. */
const exitConfiguration = 78;
/** More than a service gives itself. */
const stopWithinMs = 30_000;

export interface ServiceOptions {
  /** JavaScript, compiled. */
  script: string;
  environment: Variables;
  logFile: string;
  onLine: (line: string) => void;
  onSpawn: (pid: number) => void;
}

export async function startService({ script, environment, logFile, onLine, onSpawn }: ServiceOptions): Promise<Running> {
  const child = execa(process.execPath, ['--enable-source-maps', script], {
    cwd: cloneRoot,
    env: environment,
    extendEnv: false,
    detached: true, // a terminal's Ctrl-C must not reach it: we stop the services one after another
    cleanup: false,
    stdin: 'ignore',
    ipc: true,
    buffer: false,
    reject: false,
    forceKillAfterDelay: stopWithinMs,
  });
  const exited = child.then(({ signal, exitCode, shortMessage }) => ({
    how: signal ?? (exitCode === undefined ? (shortMessage ?? 'it could not be run') : `exit code ${exitCode}`),
    refused: exitCode === exitConfiguration,
  }));
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`);
      onLine(line);
    });
  }
  child.once('close', () => log.end());
  if (child.pid === undefined) throw new Error((await exited).how);
  onSpawn(child.pid);
  return runningChild(child, exited);
}
