/** The real processes of Vidhuk, as built, with their log lines. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './poll.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Service {
  pid: number;
  /** Log lines so far. */
  lines: () => Record<string, unknown>[];
  /** Everything that it wrote, to both outputs. */
  text: () => string;
  /** http://127.0.0.1:port, once it listens. */
  address: () => Promise<string>;
  signal: (signal: NodeJS.Signals) => void;
  /** Exit code, or the signal that ended it. */
  exited: Promise<number | NodeJS.Signals>;
  /** SIGTERM, and its exit code. */
  stop: () => Promise<number | NodeJS.Signals>;
}

export interface ServiceSettings {
  databaseUrl: string;
  queueUrl: string;
  /** YAML. */
  config: string;
  adminToken?: string;
  /** Default: any free one. */
  port?: number;
  variables?: Record<string, string>;
  /** Options of Node. */
  nodeOptions?: readonly string[];
}

const running = new Set<Service>();

/** Starts the ingress or the worker; does not wait for anything. */
export async function startService(name: 'ingress' | 'worker', settings: ServiceSettings): Promise<Service> {
  const folder = await mkdtemp(join(tmpdir(), `vidhuk-${name}-`));
  const configPath = join(folder, 'vidhuk.yaml');
  await writeFile(configPath, settings.config);
  const port = String(settings.port ?? 0);
  const child = spawn(process.execPath, [...(settings.nodeOptions ?? []), `packages/${name}/dist/main.js`], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: settings.databaseUrl,
      QUEUE_URL: settings.queueUrl,
      VIDHUK_CONFIG: configPath,
      INGRESS_PORT: port,
      ADMIN_PORT: port,
      ADMIN_TOKEN: settings.adminToken,
      ...settings.variables,
    },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('it could not be started');
  let text = '';
  for (const output of [child.stdout, child.stderr]) output.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const lines = () =>
    text
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  // 'close' comes after the last output was read, 'exit' may come before.
  const exited = once(child, 'close').then(async ([code, signal]) => {
    running.delete(service);
    await rm(folder, { recursive: true, force: true });
    return (signal ?? code) as number | NodeJS.Signals;
  });
  const service: Service = {
    pid,
    lines,
    text: () => text,
    address: async () => {
      const port = await until(
        `${name} listens`,
        () => {
          const port = lines().find(({ msg }) => msg === 'listening')?.port as number | undefined;
          if (port === undefined) throw new Error(`it has written so far:\n${text}`);
          return port;
        },
        { timeoutMs: 60_000 },
      ); // a busy machine may take long to load it
      return `http://127.0.0.1:${port}`;
    },
    signal: (signal) => void child.kill(signal),
    exited,
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
  running.add(service);
  return service;
}

/** For `after` hooks: ends what a failed test left running. */
export async function endServices(): Promise<void> {
  for (const service of running) {
    service.signal('SIGCONT');
    service.signal('SIGKILL');
    await service.exited;
  }
}
