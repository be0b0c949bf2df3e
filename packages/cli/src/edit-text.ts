/** Mending an element in an editor. */
import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Variables } from '@vidhuk/shared';

/** Throws where nobody sits at a terminal: an editor would wait for keys that nobody presses. */
export function requireTerminal(): void {
  if (!process.stdin.isTTY) throw new Error('--edit needs a terminal: use --set path=value');
}

/**
 * Opens `text` in the editor that `environment` names (EDITOR, else vi) and gives it back as it was saved; throws when the editor fails. The file is
 * gone when this ends, also by SIGTERM or SIGHUP. Ctrl-C is for the editor to understand, as it is in git.
 */
export async function editText(text: string, environment: Variables): Promise<string> {
  const editor = environment.EDITOR ?? 'vi';
  const directory = await mkdtemp(join(tmpdir(), 'vidhuk-'));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  let child: ChildProcess | undefined;
  const interrupt = () => void child?.kill('SIGINT');
  const end = (signal: 'SIGTERM' | 'SIGHUP') => {
    child?.kill(signal);
    remove();
    process.exit(128 + constants.signals[signal]);
  };
  process.on('SIGINT', interrupt).on('SIGTERM', end).on('SIGHUP', end).on('exit', remove);
  try {
    const file = join(directory, 'activity.json');
    await writeFile(file, text, { mode: 0o600 });
    const code = await new Promise<number | null>((resolve, reject) => {
      // What it draws goes to the screen, also where the result goes to a file. "exec": a signal is for the editor, not for a shell around it.
      const output = process.stdout.isTTY ? 'inherit' : 2;
      child = spawn(`exec ${editor} "$FILE"`, {
        shell: true,
        stdio: ['inherit', output, 'inherit'],
        env: { ...environment, FILE: file },
      });
      child.on('error', reject);
      child.on('exit', resolve);
    });
    if (code !== 0) throw new Error(`the editor "${editor}" ended with code ${code ?? 'none'}, nothing was changed`);
    return await readFile(file, 'utf8');
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', end).off('SIGHUP', end).off('exit', remove);
    remove();
  }
}
