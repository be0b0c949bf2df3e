/** A service (ingress or worker) as a child process. It ends by itself if we do: its IPC channel breaks then. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { root } from '../checkout.mjs';
import { stopProcess } from '../processes.mjs';

/**
 * @typedef {object} Running
 * @property {Promise<string>} exited settles when it has ended, with how it ended
 * @property {() => Promise<void>} stop in order, under a deadline
 * @property {() => void} kill at once
 */

/**
 * What was started, in order; it is stopped in reverse.
 * @typedef {(Running & { name: string })[]} Acquired
 */

/**
 * @param {object} options
 * @param {string} options.script
 * @param {NodeJS.ProcessEnv} options.env
 * @param {string} options.logFile
 * @param {(line: string) => void} options.onLine
 * @param {(pid: number) => void} options.onSpawn
 * @returns {Promise<Running>}
 */
export async function startService({ script, env, logFile, onLine, onSpawn }) {
  const child = spawn(process.execPath, ['--enable-source-maps', script], {
    cwd: root,
    env,
    detached: true, // a terminal's Ctrl-C must not reach it: we stop the services one after another
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const exited = once(child, 'exit').then(([code, signal]) => String(signal ?? `exit code ${code}`));
  await once(child, 'spawn');
  const pid = Number(child.pid);
  onSpawn(pid);

  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`);
      onLine(line);
    });
  }
  child.once('close', () => log.end());
  return {
    exited,
    stop: async () => {
      await stopProcess(pid, [
        ['SIGTERM', 30_000],
        ['SIGKILL', 5_000],
      ]);
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
