/** Other processes: is it alive, and is it still the one that was meant? */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** The moment at which the process began, as text: with it a pid means one process, for ever; '' if there is none. */
export function startOf(pid: number): string {
  if (!existsSync('/proc/self/stat')) return ps(pid, 'lstart=');
  const began = statOf(pid)[19];
  return began === undefined ? '' : `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${began}`;
}

export function isAlive(pid: number): boolean {
  if (!existsSync('/proc/self/stat')) return ps(pid, 'lstart=') !== '';
  const [state] = statOf(pid);
  return state !== undefined && state !== 'Z' && state !== 'X'; // a zombie is dead, only nobody has asked for its exit code
}

/** The fields of /proc/pid/stat from the third (state) on; the second, a name, may hold spaces and brackets. */
function statOf(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return []; // it has ended
  }
}

const ps = (pid: number, column: string): string =>
  spawnSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
