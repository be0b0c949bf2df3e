/** Runs a program to its end and keeps what it prints, to be shown only if it fails. */
import { spawn } from 'node:child_process';
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
 * @param {object} options
 * @param {string} options.cwd
 * @param {AbortSignal} options.signal ends the program by SIGTERM
 * @param {(line: string) => void} [options.onLine] sees every line as it comes
 * @returns {Promise<void>} fails with a {@link CommandError} unless it exits with 0
 */
export async function runCommand(file, args, { onLine, ...options }) {
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  /** @type {string[]} */
  const lines = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      onLine?.(line);
    });
  }
  /** @type {Promise<string | undefined>} */
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  });
  const how = await ended;
  if (how === undefined) return;
  const command = [path.basename(file), ...args].join(' ').replaceAll(root, '');
  throw new CommandError(`${command} ended with ${how}`, lines.join('\n'));
}
