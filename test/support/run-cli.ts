/** The command line as people run it: arguments in, output and exit code out. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
  /** What `--json` printed. */
  json: () => unknown;
}

/** Runs `vidhuk` from source with `variables` as its whole environment but for PATH. `input` is no terminal. */
export async function runCli(variables: Readonly<Record<string, string>>, ...args: string[]): Promise<CliResult> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions', '@vidhuk/source', 'packages/worker/src/cli.ts', ...args],
    {
      env: { PATH: process.env.PATH, VIDHUK_HOME: '/nonexistent', ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const result = { code: -1, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (result.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (result.stderr += text));
  const [code] = (await once(child, 'close')) as [number];
  return { ...result, code, json: () => JSON.parse(result.stdout) as unknown };
}
