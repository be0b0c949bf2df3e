/** The documentation tells what each metric means that the code exports, and of no other. */
import { expect } from 'chai';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Texts of the files in `folder` and below whose names end so. */
async function textsIn(folder: string, ending: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true });
  return Promise.all(files.filter((name) => name.endsWith(ending)).map((name) => readFile(join(folder, name), 'utf8')));
}

const names = (texts: readonly string[], pattern: RegExp): string[] =>
  texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name = '']) => name)).sort();

it('each metric of the code has a row in the documentation, and each row a metric', async () => {
  const code = (await Promise.all(['ingress', 'worker'].map((name) => textsIn(`packages/${name}/src`, '.ts')))).flat();
  const exported = names(code, /\bname: '(vidhuk_\w+)'/g);
  expect(exported).to.include('vidhuk_batches_received_total');
  expect(names(await textsIn('docs', '.md'), /^\| `(vidhuk_\w+)` \|/gm)).to.deep.equal(exported);
});
