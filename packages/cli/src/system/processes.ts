/** Other processes: is it alive, is it still the one that was meant, and its end. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from './plain-error.js';

/** Signals one after another, each with the milliseconds to wait for the end after it. */
export type StopSignals = readonly (readonly [NodeJS.Signals, number])[];

const proc = '/proc/self/stat';

export function isAlive(pid: number): boolean {
  if (existsSync(proc)) {
    const [state] = statOf(pid);
    return state !== undefined && state !== 'Z' && state !== 'X'; // a zombie is dead, only nobody has asked for its exit code
  }
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** The moment at which the process began, as text: with it a pid means one process, for ever; '' if there is none. */
export function startOf(pid: number): string {
  if (!existsSync(proc)) return ps(pid, 'lstart=');
  const began = statOf(pid)[19];
  return began === undefined ? '' : `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${began}`;
}

/** The program and its arguments; '' if there is no such process. */
export function commandLineOf(pid: number): string {
  if (!existsSync(proc)) return ps(pid, 'command=');
  return readProc(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

/** Of a process that is no child of ours; tells whether it ended. */
export async function stopProcess(pid: number, signals: StopSignals): Promise<boolean> {
  for (const [signal, waitMs] of signals) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (codeOf(error) === 'ESRCH') return true;
      throw error;
    }
    for (const end = Date.now() + waitMs; Date.now() < end;) {
      if (!isAlive(pid)) return true;
      await sleep(20);
    }
  }
  return !isAlive(pid);
}

/** The fields of /proc/pid/stat from the third (state) on; the second, a name, may hold spaces and brackets. */
function statOf(pid: number): string[] {
  const text = readProc(`/proc/${pid}/stat`);
  return text === '' ? [] : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has ended
  }
}

const ps = (pid: number, column: string): string =>
  spawnSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
