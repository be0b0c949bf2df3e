/** Runs a program to its end and keeps what it prints, to be shown only if it fails. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './checkout.mjs';

export class CommandError extends Error {
  /**
   * @param {string} message
   * @param {string} output what the program printed
   */
  constructor(message, output) {
    super(message);
    this.output = output;
  }
}

/**
 * @param {string} file
 * @param {string[]} args
 * @param {object} [options]
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {number} [options.uid]
 * @param {number} [options.gid]
 * @param {number} [options.stdin] an open file that the program reads
 * @param {AbortSignal} [options.signal] ends the program by SIGTERM
 * @param {(line: string) => void} [options.onLine] sees every line as it comes
 * @returns {Promise<string>} what the program printed; fails with a {@link CommandError} unless it exits with 0
 */
export async function runCommand(file, args, { onLine, stdin, ...options } = {}) {
  const child = spawn(file, args, { ...options, stdio: [stdin ?? 'ignore', 'pipe', 'pipe'] });
  /** @type {string[]} */
  const lines = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      onLine?.(line);
    });
  }
  const [code, signal] = await once(child, 'close');
  const output = lines.join('\n');
  if (code === 0) return output;
  const command = [path.basename(file), ...args].join(' ').replaceAll(root, '');
  throw new CommandError(`${command} ended with ${String(signal ?? `exit code ${code}`)}`, output);
}
