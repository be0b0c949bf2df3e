import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { readPage, readPages } from '../../docs/markdown/pages.js';
import { proseLinesOf } from '../../docs/markdown/prose.js';

const longestLine = 120;

describe('the text of the documentation', () => {
  it('stands in lines that a terminal and a diff can show', async () => {
    const pages = await readPages();
    const long = pages.flatMap((page) =>
      proseLinesOf(page)
        .filter(({ text }) => text.length > longestLine)
        .map(({ number, text }) => `${page.path}:${number} has ${text.length} characters`),
    );
    expect(long).to.deep.equal([]);
  });

  it('is a page and a half in README', async () => {
    expect((await readPage('README.md')).text.trimEnd().split('\n')).to.have.length.at.most(130);
  });

  it('names only scripts that package.json has', async () => {
    const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: Record<string, string> };
    const named = (await readPages()).flatMap(({ path, text }) =>
      [...text.matchAll(/\bnpm (?:run )?((?<=run )[\w:-]+|start|test)\b/g)].map(([, name = '']) => ({ path, name })),
    );
    expect(named.map(({ name }) => name)).to.include.members(['start', 'test', 'bench']);
    expect(named.filter(({ name }) => !Object.hasOwn(scripts, name))).to.deep.equal([]);
  });
});
