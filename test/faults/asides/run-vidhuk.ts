/** `vidhuk` as a process of its own, which talks to the stores past the proxies: when they die it dies with them, and is begun again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster.js';
import { configurationYaml, eraseKey } from '../configuration.js';

/** ms for a command; then it is killed. The platform may hang twice in one comparison, for 120 s each. */
const patienceMs = 400_000;
/** Times that a command is tried while it could not be done: whoever was killed may be at it for a while in the database. */
const attempts = 10;
const pauseMs = 2_000;

export interface Command {
  /** Of its configuration file. */
  name: string;
  args: readonly string[];
  /** YAML; the cluster's own otherwise. */
  configuration?: string;
  /** Aborted: it is killed. */
  signal?: AbortSignal;
  /** What it says where it is to be asked again although it ended with 1. */
  notYet?: RegExp;
}

/** `code` is null where it was killed; `output` is the beginning of what it printed. */
export interface Ran {
  code: number | null;
  output: string;
}

export async function runVidhuk({ folder, databaseUrl, queueUrl }: Cluster, command: Command): Promise<Ran> {
  const { name, args, configuration = configurationYaml('127.0.0.1:1'), signal } = command;
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, configuration);
  if (signal?.aborted === true) return { code: null, output: '' };
  const env = {
    ...{ PATH: process.env.PATH, VIDHUK_HOME: folder, VIDHUK_CONFIG: file },
    ...{ DATABASE_URL: databaseUrl, QUEUE_URL: queueUrl, ERASE_KEY: eraseKey },
  };
  const child = spawn(process.execPath, ['packages/cli/bin/vidhuk.mjs', ...args, '--json'], {
    ...{ env, timeout: patienceMs, killSignal: 'SIGKILL' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => void child.kill('SIGKILL');
  signal?.addEventListener('abort', kill);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  signal?.removeEventListener('abort', kill);
  return { code, output: output.slice(0, 500) };
}

/** Until it says that it is done; an answer of no is not asked for again. Gives what is wrong then, for people. */
export async function finishVidhuk(cluster: Cluster, command: Command): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    const { code, output } = await runVidhuk(cluster, command);
    if (code === 0) return [];
    const isNo = code === 1 && command.notYet?.test(output) !== true;
    if (isNo || attempt === attempts)
      return [`vidhuk ${command.args.join(' ')} ended with ${String(code)} at attempt ${attempt}: ${output}`];
    await sleep(pauseMs);
  }
}
