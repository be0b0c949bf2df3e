/** `vidhuk` as a process of its own, which talks to the stores past the proxies: when they die it dies with them, and is begun again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../cluster.js';
import { configurationYaml, eraseKey } from '../configuration.js';

/** Times that a command is tried before it is a problem: each may be cut off by what heals late. */
const attempts = 5;

export interface Command {
  /** Of its configuration file. */
  name: string;
  args: readonly string[];
  /** YAML; the cluster's own otherwise. */
  configuration?: string;
  /** Aborted: it is killed. */
  signal?: AbortSignal;
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
    env,
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

/** Until it says that it is done. Gives what is wrong where it never does, for people. */
export async function finishVidhuk(cluster: Cluster, command: Command): Promise<string[]> {
  let ran: Ran | undefined;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    ran = await runVidhuk(cluster, command);
    if (ran.code === 0) return [];
  }
  return [`vidhuk ${command.args.join(' ')} ended ${attempts} times with another code than 0: ${ran?.output ?? ''}`];
}
