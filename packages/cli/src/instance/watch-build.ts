/** `npm run dev`: compiles on every change, by the compiler's own watch. */
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { counted } from '../output/plural.js';
import { cloneRoot, inClone } from './clone.js';
import { runningChild, type Running } from './running.js';

export interface BuildWatcher {
  /** After a change that compiles. */
  onBuilt: () => void;
  /** What the compiler says of one that does not. */
  onLine: (line: string) => void;
  onSpawn: (pid: number) => void;
}

/** The line with which the compiler ends each of its rounds. */
const endOfRound = /Found (\d+) errors?\. Watching for file changes/;

export function watchBuild({ onBuilt, onLine, onSpawn }: BuildWatcher): Running {
  const compiler = inClone('node_modules/typescript/bin/tsc');
  const child = execa(
    process.execPath,
    [compiler, '-b', '--watch', '--preserveWatchOutput', 'packages/ingress', 'packages/cli'],
    {
      cwd: cloneRoot,
      detached: true, // as the services: Ctrl-C on the terminal reaches us alone
      cleanup: false,
      stdin: 'ignore',
      stderr: 'inherit',
      buffer: false,
      reject: false,
    },
  );
  if (child.pid !== undefined) onSpawn(child.pid);
  let round = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const errors = endOfRound.exec(line)?.[1];
    if (errors === undefined) {
      if (/: error TS|^\s+\S/.test(line)) onLine(line);
    } else if (errors !== '0') {
      onLine(`${counted(Number(errors), 'error')}: what was built last goes on running.`);
      round++;
    } else if (round++ > 0) {
      onBuilt(); // the first round finds what was just built
    }
  });
  const exited = child.then(({ shortMessage }) => ({ how: shortMessage ?? 'it ended', refused: false }));
  return runningChild(child, exited);
}
