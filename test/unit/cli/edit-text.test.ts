import { expect } from 'chai';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../support/poll.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

/** Edits a text with an editor that stays open, in a process of its own whose temporary files lie in `folder`. */
async function edit(folder: string, children: ChildProcess[]) {
  const opened = join(folder, 'opened');
  const editor = join(folder, 'editor.sh');
  await writeFile(editor, `#!/bin/sh\necho "$1" > "${opened}"\nexec sleep 600\n`, { mode: 0o700 });
  const script = `const { editText } = await import('./packages/cli/src/edit-text.ts');
    await editText('{"email":"a@example.com"}', { PATH: process.env.PATH, EDITOR: '${editor}' });`;
  const child = spawn(process.execPath, ['--import=tsx', '--conditions=@vidhuk/source', '--input-type=module', '-e', script], {
    env: { ...process.env, TMPDIR: folder },
    stdio: 'ignore',
  });
  children.push(child);
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const file = await until(
    'the editor is open',
    async () => (await readFile(opened, 'utf8').catch(() => '')).trim() || undefined,
    { timeoutMs: 60_000 },
  );
  expect(await readFile(file, 'utf8')).to.contain('a@example.com');
  return { child, ended };
}

describe('a text that is being edited', function () {
  this.timeout(120_000);
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill();
  });
  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 1],
  ] as const)
    it(`leaves no file behind on ${signal} while the editor is open`, async () => {
      const folder = await makeTemporaryDirectory();
      const { child, ended } = await edit(folder, children);
      child.kill(signal);
      expect((await ended)[0]).to.equal(code);
      expect((await readdir(folder)).filter((name) => name.startsWith('vidhuk-'))).to.deep.equal([]);
    });
});
