/** The command line as people run it: arguments in, output and exit code out. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { runProgram } from '../../packages/cli/src/program.js';

export interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
  /** `data` of the envelope that `--json` printed; throws where it printed anything else. */
  json: () => unknown;
  /** `error` of the envelope. */
  failure: () => { message: string; problems?: string[] };
}

type Variables = Readonly<Record<string, string>>;

const environmentOf = (variables: Variables) => ({ PATH: process.env.PATH, VIDHUK_HOME: '/nonexistent', ...variables });

/** Runs `vidhuk` in this process with `variables` as its whole environment but for PATH; one at a time. Nobody sits at a terminal. */
export const runCli = (variables: Variables, ...args: string[]): Promise<CliResult> => run(variables, args, false);

/** The same where somebody sits at the keyboard; what is printed goes to no terminal. */
export const runCliAtKeyboard = (variables: Variables, ...args: string[]): Promise<CliResult> => run(variables, args, true);

async function run(variables: Variables, args: readonly string[], keyboard: boolean): Promise<CliResult> {
  const stdout = capture(process.stdout);
  const stderr = capture(process.stderr);
  const terminal = process.stdin.isTTY;
  process.stdin.isTTY = keyboard;
  process.exitCode = undefined;
  try {
    await runProgram(args, environmentOf(variables));
    return resultOf(exitCode(), stripVTControlCharacters(stdout.text()), stripVTControlCharacters(stderr.text()));
  } finally {
    process.exitCode = undefined;
    process.stdin.isTTY = terminal;
    stdout.restore();
    stderr.restore();
  }
}

/** As the command left it; in line, the compiler would take it for what it was set to before. */
const exitCode = (): number => Number(process.exitCode ?? 0);

/** The same as a process of its own: for exit codes, pipes and signals. `shell` is a command line in which `vidhuk` stands for it. */
export async function runCliProcess(variables: Variables, shell: string): Promise<CliResult> {
  const vidhuk = `vidhuk() { "${process.execPath}" packages/cli/bin/vidhuk.mjs "$@"; }; `;
  const child = spawn('bash', ['-c', vidhuk + shell], { env: environmentOf(variables), stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const [code] = (await once(child, 'close')) as [number];
  return resultOf(code, output.stdout, output.stderr);
}

const resultOf = (code: number, stdout: string, stderr: string): CliResult => ({
  code,
  stdout,
  stderr,
  json: () => unwrap(stdout, true).data,
  failure: () => unwrap(stdout, false).error as ReturnType<CliResult['failure']>,
});

function unwrap(stdout: string, ok: boolean): Record<string, unknown> {
  const envelope = JSON.parse(stdout) as Record<string, unknown>;
  const names = Object.keys(envelope).join();
  if (envelope.ok !== ok || names !== (ok ? 'ok,data' : 'ok,error')) throw new Error(`not the envelope: ${stdout.slice(0, 500)}`);
  return envelope;
}

/** Keeps what is written to `stream` instead of letting it out. */
export function capture(stream: NodeJS.WriteStream): { text: () => string; restore: () => void } {
  const write = stream.write.bind(stream);
  const chunks: string[] = [];
  stream.write = (chunk: string | Uint8Array) => {
    chunks.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    return true;
  };
  return {
    text: () => chunks.join(''),
    restore: () => {
      stream.write = write;
    },
  };
}
