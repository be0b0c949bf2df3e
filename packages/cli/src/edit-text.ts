/** Mending an element in an editor. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Variables } from '@vidhuk/shared';

/** Opens `text` in the editor that `environment` names (EDITOR, else vi) and gives it back as it was saved; throws when the editor fails. */
export async function editText(text: string, environment: Variables): Promise<string> {
  const editor = environment.EDITOR ?? 'vi';
  const directory = await mkdtemp(join(tmpdir(), 'vidhuk-'));
  const file = join(directory, 'activity.json');
  try {
    await writeFile(file, text, { mode: 0o600 });
    const code = await new Promise<number | null>((resolve, reject) => {
      const child = spawn(`${editor} "$FILE"`, { shell: true, stdio: 'inherit', env: { ...environment, FILE: file } });
      child.on('error', reject);
      child.on('exit', resolve);
    });
    if (code !== 0) throw new Error(`the editor "${editor}" ended with code ${code ?? 'none'}, nothing was changed`);
    return await readFile(file, 'utf8');
  } finally {
    await rm(directory, { recursive: true });
  }
}
