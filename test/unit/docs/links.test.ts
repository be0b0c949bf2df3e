import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { anchorsOf, localTargetsOf, namedPathsOf } from '../../docs/markdown/links.js';
import { readPage, readPages, readReports, type Page } from '../../docs/markdown/pages.js';

/** The file, or null where there is none; the anchor must be one of its headings. */
async function problemOf(page: Page, target: string): Promise<string | null> {
  const [path = '', anchor] = decodeURI(target).split('#');
  const file = path === '' ? page.path : join(dirname(page.path), path);
  if (!existsSync(file)) return `${page.path}: ${target} is not there`;
  if (anchor === undefined || !file.endsWith('.md')) return null;
  return anchorsOf(await readPage(file)).has(anchor) ? null : `${page.path}: ${target}: no such heading`;
}

describe('the links of the documentation', () => {
  it('lead to files and headings that exist', async () => {
    const problems = [];
    for (const page of [...(await readPages()), ...(await readReports())])
      for (const target of localTargetsOf(page)) problems.push(await problemOf(page, target));
    expect(problems, 'there are links').to.not.be.empty;
    expect(problems.filter((problem) => problem !== null)).to.deep.equal([]);
  });

  it('and so do the paths that stand in the text', async () => {
    const missing = (await readPages()).flatMap((page) =>
      namedPathsOf(page)
        .filter((path) => !existsSync(path))
        .map((path) => `${page.path}: ${path}`),
    );
    expect(missing).to.deep.equal([]);
  });

  it('name every page of docs in README', async () => {
    const readme = localTargetsOf(await readPage('README.md'));
    const pages = (await readPages()).map(({ path }) => path).filter((path) => /^docs\/[^/]+\.md$/.test(path));
    expect(pages.filter((path) => !readme.some((target) => target.split('#')[0] === path))).to.deep.equal([]);
  });
});
