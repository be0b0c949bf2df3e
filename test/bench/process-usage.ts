/** What processes use, read from Linux' /proc (proc(5)); elsewhere nothing is known. */
import { readdirSync, readFileSync } from 'node:fs';

/** Of `sysconf(_SC_CLK_TCK)`, which is 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

interface Stat {
  parent: number;
  /** Seconds of CPU, user and system. */
  own: number;
  /** … of children that have ended. */
  ended: number;
}

/**
 * Seconds of CPU that a process has used, with its children: PostgreSQL has one for each connection. Read twice: a child that ends meanwhile may be
 * missed both among the living and among the ended.
 */
const cpuSeconds = (pid: number): number => Math.max(readSeconds(pid), readSeconds(pid));

function readSeconds(pid: number): number {
  const stat = statOf(pid);
  if (stat === undefined) return Number.NaN;
  const children = childrenOf(pid).map((child) => statOf(child)?.own ?? 0);
  return stat.own + stat.ended + children.reduce((total, seconds) => total + seconds, 0);
}

/** Resident memory in MB: now (`VmRSS`), or the most there was (`VmHWM`). */
export function memoryMb(pid: number, which: 'VmRSS' | 'VmHWM'): number {
  const line = new RegExp(`^${which}:\\s+(\\d+) kB$`, 'm').exec(read(`/proc/${pid}/status`));
  return Number(line?.[1] ?? Number.NaN) / 1024;
}

function statOf(pid: number): Stat | undefined {
  const text = read(`/proc/${pid}/stat`);
  if (text === '') return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const seconds = (from: number) => (Number(fields[from]) + Number(fields[from + 1])) / ticksPerSecond;
  return { parent: Number(fields[1]), own: seconds(11), ended: seconds(13) };
}

const childrenOf = (pid: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((child) => statOf(child)?.parent === pid);

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has ended, or this is not Linux
  }
}

/** Measures what named processes use from now on. */
export function startMeter(processes: Readonly<Record<string, number>>): () => Record<string, number> {
  const before = Object.entries(processes).map(([name, pid]) => ({ name, pid, seconds: cpuSeconds(pid) }));
  return () => Object.fromEntries(before.map(({ name, pid, seconds }) => [name, cpuSeconds(pid) - seconds]));
}
