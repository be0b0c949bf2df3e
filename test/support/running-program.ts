/** A program that runs until a test ends it; the reaper ends it if the tests are killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { reapProcess } from './services/reaper.js';

export interface RunningProgram {
  kill: (signal: NodeJS.Signals) => void;
  /** What it has printed so far, on both outputs. */
  text: () => string;
  exited: Promise<number | NodeJS.Signals>;
}

/** In an environment of PATH, HOME and `variables` alone. */
export function runProgram(file: string, args: readonly string[], variables: Readonly<Record<string, string>>): RunningProgram {
  const { PATH, HOME } = process.env;
  const child = spawn(file, args, { env: { PATH, HOME, ...variables }, stdio: ['ignore', 'pipe', 'pipe'] });
  const { ended } = reapProcess(child.pid!, 'SIGINT');
  let text = '';
  for (const output of [child.stdout, child.stderr]) output.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const exited = once(child, 'close').then(([code, signal]) => {
    ended();
    return (signal ?? code) as number | NodeJS.Signals;
  });
  return { kill: (signal) => void child.kill(signal), text: () => text, exited };
}
