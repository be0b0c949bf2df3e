/** A command at a terminal: `script` of util-linux, so that it prints what a person sees. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { screenAfter } from './screen.js';

const columns = 100;

export interface Session {
  /** What the screen shows so far, with colours. */
  screen: () => string;
  /** As Ctrl-C does. */
  interrupt: () => void;
  ended: Promise<unknown>;
  process: ChildProcess;
}

export function openSession(command: string, variables: Readonly<Record<string, string>>): Session {
  const line = `stty cols ${columns} rows 60; ${command}`;
  const child = spawn('script', ['-qefc', line, '/dev/null'], {
    env: { ...process.env, ...variables, TERM: 'xterm-256color', npm_config_progress: 'false' }, // of npx, a wheel would stay
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  return {
    screen: () => screenAfter(output),
    interrupt: () => void child.stdin.write('\x03'),
    ended: once(child, 'close'),
    process: child,
  };
}
