/** Other processes: is it alive, is it still the one that was meant, and its end. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const hasProc = existsSync('/proc/self/stat');

/** @param {number} pid */
export function isAlive(pid) {
  if (hasProc) {
    const [state] = statOf(pid);
    return state !== undefined && state !== 'Z' && state !== 'X'; // a zombie is dead, only nobody has asked for its exit code
  }
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * @param {number} pid
 * @returns {string} the moment at which the process began, as text: with it a pid means one process, for ever; '' if there is none
 */
export function startOf(pid) {
  if (!hasProc) return ps(pid, 'lstart=');
  const began = statOf(pid)[19];
  return began === undefined ? '' : `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${began}`;
}

/**
 * @param {number} pid
 * @returns {string} the program and its arguments; '' if there is no such process
 */
export function commandLineOf(pid) {
  if (!hasProc) return ps(pid, 'command=');
  return readProc(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

/**
 * Sends the signals one after another, each when the one before had its time.
 * @param {number} pid
 * @param {[NodeJS.Signals, number][]} signals signal, and milliseconds to wait for the end after it
 * @returns {Promise<boolean>} whether the process ended
 */
export async function stopProcess(pid, signals) {
  for (const [signal, waitMs] of signals) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return true;
      throw error;
    }
    for (const end = Date.now() + waitMs; Date.now() < end; await sleep(20)) if (!isAlive(pid)) return true;
  }
  return !isAlive(pid);
}

/**
 * @param {number} pid
 * @returns {string[]} the fields of /proc/pid/stat from the third (state) on; the second, a name, may hold spaces and brackets
 */
function statOf(pid) {
  const text = readProc(`/proc/${pid}/stat`);
  return text === '' ? [] : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** @param {string} path */
function readProc(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** @param {number} pid @param {string} column */
const ps = (pid, column) => spawnSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
