/** A process of Vidhuk under a supervisor that starts it again whenever it ends, as Docker does with `restart: unless-stopped`. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { until } from '../support/poll.js';
import { reapProcess } from '../support/services/reaper.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Docker's first wait. */
const restartAfterMs = 100;
/** From SIGTERM to SIGKILL: above what the process takes itself at most. */
const stopWithinMs = 30_000;

export interface SupervisedSettings {
  name: string;
  program: 'ingress' | 'worker';
  /** Where health is asked for; the same after every start. */
  port: number;
  logFile: string;
  variables: Record<string, string>;
  /** A resolv.conf in place of the machine's. */
  resolvConf?: string;
}

/** The program and its arguments, with that file in place of the machine's for this process alone. */
function commandOf(main: string, resolvConf: string | undefined): [string, string[]] {
  if (resolvConf === undefined) return [process.execPath, [main]];
  const inItsPlace = 'mount --bind "$0" /etc/resolv.conf && exec "$@"';
  return ['unshare', ['--mount', 'sh', '-c', inItsPlace, resolvConf, process.execPath, main]];
}

export class Supervised {
  #child: ChildProcess | undefined;
  #running: Promise<void> = Promise.resolve();
  readonly #stop = new AbortController();
  /** A signal of ours is on its way: its end is no surprise. */
  #expected = new AbortController();
  /** Ends that nobody had asked for: code or signal. */
  readonly surprises: string[] = [];

  constructor(readonly settings: SupervisedSettings) {}

  get name(): string {
    return this.settings.name;
  }

  get port(): number {
    return this.settings.port;
  }

  /** Starts it, and again whenever it ends, until `stop`. */
  start(): void {
    this.#running = this.#run();
  }

  signal(signal: NodeJS.Signals): void {
    if (signal === 'SIGKILL' || signal === 'SIGTERM') this.#expected.abort();
    this.#child?.kill(signal);
  }

  /** Whether `GET /health/ready` says so. */
  async isReady(): Promise<boolean> {
    const response = await fetch(`http://127.0.0.1:${this.port}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    return response.ok;
  }

  /** Resident memory in bytes and open file descriptors; undefined while it is not there. */
  usage(): { rss: number; descriptors: number } | undefined {
    const pid = this.#child?.pid;
    if (pid === undefined) return undefined;
    try {
      const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return { rss: Number(kilobytes) * 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length };
    } catch {
      return undefined; // it has just ended
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const late = setTimeout(() => this.signal('SIGKILL'), stopWithinMs);
    await this.#running;
    clearTimeout(late);
  }

  async untilReady(timeoutMs = 180_000): Promise<void> {
    await until(`${this.name} is ready`, () => this.isReady(), { timeoutMs, everyMs: 50 });
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const { program, logFile, port, variables, resolvConf } = this.settings;
      const [command, args] = commandOf(join(root, 'packages', program, 'dist/main.js'), resolvConf);
      const log = openSync(logFile, 'a');
      const { size: before } = fstatSync(log); // of its lives before this one
      const child = spawn(command, args, {
        stdio: ['ignore', log, log],
        env: { PATH: process.env.PATH, INGRESS_PORT: String(port), ADMIN_PORT: String(port), ...variables },
      });
      closeSync(log);
      const expected = (this.#expected = new AbortController()).signal;
      this.#child = child;
      const { ended } = reapProcess(child.pid ?? 0, 'SIGKILL');
      const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      ended();
      this.#child = undefined;
      if (!expected.aborted)
        this.surprises.push(
          `${this.name} ended by itself: ${String(signal ?? code)} (${new Date().toISOString()}: ${lastWords(logFile, before)})`,
        );
      await sleep(restartAfterMs, undefined, { signal: this.#stop.signal }).catch(() => undefined); // stopped meanwhile
    }
  }
}

/** Its last error or warning and its last line, behind so many bytes: they say why it ended. The file is kept of a seed with a problem only. */
export function lastWords(logFile: string, behind: number): string {
  const lines = readFileSync(logFile).subarray(behind).toString().trimEnd().split('\n');
  const grave = lines.findLast((line) => /"level":(?:[456]0|"(?:warn|error|fatal)")/.test(line));
  return [...new Set([grave, lines.at(-1)])].flatMap((line) => (line === undefined ? [] : [line.slice(0, 600)])).join(' … ');
}
