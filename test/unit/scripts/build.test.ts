import { expect } from 'chai';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

const program = new URL('../../../scripts/support/build.mjs', import.meta.url);

describe('A package', () => {
  it('is built when all of its programs are there and none was emptied by a power cut: the compiler looks at neither', async () => {
    const { isBuilt } = (await import(program.href)) as { isBuilt: (folder: string) => boolean };
    const folder = await makeTemporaryDirectory();
    for (const place of ['src/deep', 'dist/deep']) await mkdir(join(folder, place), { recursive: true });
    for (const name of ['src/a.ts', 'src/deep/b.ts', 'dist/a.js', 'dist/deep/b.js'])
      await writeFile(join(folder, name), 'export {};');
    expect(isBuilt(folder)).to.be.true;
    await writeFile(join(folder, 'dist/deep/b.js'), '');
    expect(isBuilt(folder)).to.be.false;
    await rm(join(folder, 'dist/deep/b.js'));
    expect(isBuilt(folder)).to.be.false;
  });
});
