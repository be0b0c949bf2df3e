/** A command at a terminal: `script` of util-linux, so that it prints what a person sees. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

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
  const line = `stty cols ${columns} rows 60 -onlcr; ${command}`;
  const child = spawn('script', ['-qefc', line, '/dev/null'], {
    env: { ...process.env, ...variables, TERM: 'xterm-256color', npm_config_progress: 'false' }, // of npx, a wheel would stay
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  return {
    screen: () => settled(output),
    interrupt: () => void child.stdin.write('\x03'),
    ended: once(child, 'close'),
    process: child,
  };
}

/** Of a line that was written again and again, what came last. */
const settled = (output: string): string =>
  output
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\r') + 1).replace(/\x1b\[\??[\d;]*[A-Zhl]/gi, keepColour))
    .join('\n')
    .trim();

const keepColour = (sequence: string): string => (sequence.endsWith('m') ? sequence : '');
