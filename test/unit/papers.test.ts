/** The papers of the project say the same as package.json. */
import { expect } from 'chai';
import { readFile } from 'node:fs/promises';

const read = (path: string): Promise<string> => readFile(path, 'utf8');

describe('the papers', () => {
  let manifest: { license: string; engines: { node: string } };
  before(async () => {
    manifest = JSON.parse(await read('package.json')) as typeof manifest;
  });

  it('name one Node: the oldest that is supported is what people develop on', async () => {
    const version = (await read('.nvmrc')).trim();
    expect(manifest.engines.node).to.equal(`>=${version}`);
    for (const path of ['CONTRIBUTING.md', 'README.md'])
      expect(await read(path), path).to.match(new RegExp(`Node[^\n]{1,12}${version.replace('.', String.raw`\.`)}`));
  });

  it('name one licence', async () => {
    expect(await read('LICENSE')).to.match(new RegExp(`^${manifest.license} License\n`));
  });
});
