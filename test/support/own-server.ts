/** A Redis or a PostgreSQL that belongs to one test alone: it may be killed, frozen, and started again on its files. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '../../packages/worker/src/db/migrate.js';
import { startEmbeddedPostgres } from '../../packages/cli/src/embedded-postgres/start-embedded-postgres.js';
import { reapProcess } from './services/reaper.js';
import { startRedisServer } from './services/redis-server.js';
import { afterAllTests } from './services/teardown.js';
import { makeTemporaryDirectory } from './services/temporary-directory.js';

/** Settings by name: of redis.conf or of postgresql.conf. */
export type ServerSettings = Record<string, string>;

export interface OwnServer {
  readonly kind: 'redis' | 'postgres';
  /** The same after every start. */
  readonly url: string;
  /** With its files. */
  readonly dataDir: string;
  /** Of its main process. */
  pid(): number;
  /** Whether its main process is there; it may also have ended by itself. */
  isRunning(): boolean;
  /** Starts it on its files; with other settings than the last time, if given. */
  start(settings?: ServerSettings): Promise<void>;
  /** Ends it in order. */
  stop(): Promise<void>;
  /** Ends it as a crash does: it writes nothing any more. */
  kill(): Promise<void>;
  /** Lets its processes stand still: connections stay open and nothing answers. */
  freeze(): void;
  thaw(): void;
}

/** Needs a `redis-server`: guard the tests by `needsRedisServer`. Durable unless the settings say otherwise. `given`: the folder for its files. */
export async function ownRedis(settings: ServerSettings = {}, given?: string): Promise<OwnServer> {
  const argsOf = (given: ServerSettings) => Object.entries(given).flatMap(([name, value]) => [`--${name}`, value]);
  const first = await startRedisServer({ ...(given === undefined ? {} : { dir: given }), args: argsOf(settings) });
  const { dir, port, url } = first;
  let running = first;
  const thaw = () => void process.kill(running.pid, 'SIGCONT');
  return {
    kind: 'redis',
    url,
    dataDir: dir,
    pid: () => running.pid,
    isRunning: () => running.isRunning(),
    async start(changed = settings) {
      running = await startRedisServer({ dir, port, args: argsOf(changed) });
    },
    stop: () => running.stop(),
    kill: () => running.kill(),
    freeze: () => void process.kill(running.pid, 'SIGSTOP'),
    thaw,
  };
}

/** Migrated, with the queue's schema too. `given`: the folder for its files. */
export async function ownPostgres(settings: ServerSettings = {}, given?: string): Promise<OwnServer> {
  const directory = given ?? (await makeTemporaryDirectory());
  const dataDir = join(directory, 'postgres');
  const start = async (given: ServerSettings) => {
    const server = await startEmbeddedPostgres({
      dataDir,
      logFile: join(directory, 'postgres.log'),
      settings: given,
    });
    const { ended } = reapProcess(server.pid, 'SIGINT');
    let alive = true;
    const exited = server.exited.then(() => {
      alive = false;
      ended();
    });
    // Once it has ended, its number may belong to another process.
    const stop = async () => {
      if (alive) await server.stop();
      await exited;
    };
    return { pid: server.pid, url: server.url, exited, stop, isRunning: () => alive };
  };
  const first = await start(settings);
  const { url } = first;
  let running = first;
  const signalAll = (signal: NodeJS.Signals) => {
    const children = childrenOf(running.pid);
    process.kill(running.pid, signal);
    for (const pid of children) {
      try {
        process.kill(pid, signal);
      } catch (error) {
        if (parentOf(String(pid)) === running.pid) throw error; // else its connection has just ended
      }
    }
  };
  await migrate(url, url);
  afterAllTests(() => running.stop());
  return {
    kind: 'postgres',
    url,
    dataDir,
    pid: () => running.pid,
    isRunning: () => running.isRunning(),
    async start(changed = settings) {
      running = await start(changed); // it keeps its port
    },
    stop: () => running.stop(),
    async kill() {
      process.kill(running.pid, 'SIGQUIT'); // "immediate shutdown": without a checkpoint, as kill -9 of all its processes
      await running.exited;
    },
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
  };
}

/** PostgreSQL serves each connection by a process of its own. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === parent)
    .map(Number);
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined; // it has ended meanwhile
  }
}
