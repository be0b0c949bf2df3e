import { expect } from 'chai';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneRoot, requireClone } from '../../../packages/cli/src/instance/clone.js';

describe('vidhuk start', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vidhuk-clone-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('runs in this clone', () => {
    requireClone(cloneRoot);
  });

  it('says in one line what to do instead where there is no clone, as in the image', () => {
    expect(() => requireClone(folder)).to.throw(
      /^"vidhuk start" runs Vidhuk from a clone .* "docker compose up" starts the processes\.$/,
    );
  });

  it('says in one line that nothing is built yet', async () => {
    await mkdir(join(folder, 'scripts'));
    await writeFile(join(folder, 'scripts', 'start.mjs'), '');
    expect(() => requireClone(folder)).to.throw(/^Vidhuk is not built yet: run "npm start" instead/);
  });
});
