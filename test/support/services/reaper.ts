/** Ends servers and removes folders if the test run itself is killed: see `reaper-process.ts`. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

let reaper: ChildProcess | undefined;

function tell(message: object): void {
  reaper ??= spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('reaper-process.ts', import.meta.url))], {
    cwd: fileURLToPath(new URL('.', import.meta.url)), // where `tsx` is found
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  reaper.unref();
  reaper.stdin?.write(`${JSON.stringify(message)}\n`);
}

/** `signal` is what ends this kind of server in order. Tell when it has ended: another process may get its number. */
export function reapProcess(pid: number, signal: NodeJS.Signals): { ended: () => void } {
  tell({ add: pid, signal });
  return { ended: () => tell({ remove: pid }) };
}

export function reapDirectory(path: string): void {
  tell({ directory: path });
}

/** A file system is mounted on this folder, which `reapDirectory` knows. */
export function reapMount(path: string): void {
  tell({ mount: path });
}

/** Everything has been ended in order: the reaper finds nothing to do and goes. */
export function releaseReaper(): void {
  reaper?.stdin?.end();
  reaper = undefined;
}
