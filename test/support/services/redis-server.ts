/** Real Redis (or Valkey) servers, as durable as Vidhuk wants them, for tests that kill one and start it again on its files. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from 'mocha';
import { freePort } from '../../../packages/cli/src/system/ports.js';
import { stopProcess } from '../../../packages/cli/src/system/processes.js';
import { waitUntilRedisAnswers } from './redis-ready.js';
import { reapProcess } from './reaper.js';
import { afterAllTests } from './teardown.js';
import { makeTemporaryDirectory } from './temporary-directory.js';

export interface RedisServer {
  url: string;
  port: number;
  /** Where its files are: start another server on it to see what is left. */
  dir: string;
  pid: number;
  isRunning: () => boolean;
  /** Ends it in order. */
  stop: () => Promise<void>;
  /** kill -9; resolves when it is gone. */
  kill: () => Promise<void>;
}

export interface RedisServerOptions {
  dir?: string;
  port?: number;
  /** More arguments of redis-server; a later one wins. */
  args?: string[];
}

const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction', '--save', ''];

/** Resolves when it answers. Needs a `redis-server`: guard the tests by {@link needsRedisServer}. */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const program = process.env.TEST_REDIS_SERVER;
  if (!program) throw new Error('there is no redis-server on this machine: guard this test by before(needsRedisServer)');
  const dir = options.dir ?? (await makeTemporaryDirectory());
  const port = options.port ?? (await freePort());
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, ...durable, ...(options.args ?? [])];
  const log = openSync(join(dir, 'redis.log'), 'a');
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log] });
  const { ended } = reapProcess(child.pid!, 'SIGTERM');
  closeSync(log);
  await once(child, 'spawn');
  const pid = child.pid!;
  const exited = once(child, 'exit').then(ended);
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!isRunning()) return;
    await stopProcess(pid, [
      [signal, 10_000],
      ['SIGKILL', 5_000],
    ]);
    await exited;
  };
  afterAllTests(() => end('SIGTERM'));
  await Promise.race([
    waitUntilRedisAnswers(port),
    exited.then(() => Promise.reject(new Error(`redis-server ended at its start: see ${join(dir, 'redis.log')}`))),
  ]);
  return {
    ...{ url: `redis://127.0.0.1:${port}`, port, dir, pid, isRunning },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

/** `before(needsRedisServer)`: leaves the tests of this suite out where only the stand-in without persistence is there; never with CI set. */
export function needsRedisServer(this: Context): void {
  if (process.env.TEST_REDIS_SERVER) return;
  if (process.env.CI)
    throw new Error('these tests need redis-server or valkey-server on the PATH, and with CI set none may be left out');
  this.skip();
}
