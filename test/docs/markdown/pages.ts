/** The documentation as tests see it: its pages, taken apart. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lexer, walkTokens, type Token, type Tokens } from 'marked';

export interface Page {
  /** From the root of the repository. */
  path: string;
  text: string;
  /** All of them, those inside of others included. */
  tokens: Token[];
}

/** Tables of figures, written by those who measure: their links count, their lines are as long as they are. */
const reports = ['test/bench/README.md', 'test/faults/README.md'];

/** What a reader of the project reads: the pages of the root and of docs. */
export async function readPages(): Promise<Page[]> {
  const ofRoot = await readdir('.');
  const ofDocs = (await readdir('docs', { recursive: true })).map((path) => join('docs', path));
  return Promise.all(
    [...ofRoot, ...ofDocs]
      .filter((path) => path.endsWith('.md'))
      .sort()
      .map(readPage),
  );
}

export const readReports = (): Promise<Page[]> => Promise.all(reports.map(readPage));

export async function readPage(path: string): Promise<Page> {
  const text = await readFile(path, 'utf8');
  const tokens: Token[] = [];
  void walkTokens(lexer(text), (token) => {
    tokens.push(token);
  });
  return { path, text, tokens };
}

export interface CodeBlock {
  page: string;
  /** First word behind the fence, or nothing. */
  language: string;
  text: string;
}

export function codeBlocksOf({ path, tokens }: Page): CodeBlock[] {
  return tokens.filter(isCode).map(({ lang = '', text }) => ({ page: path, language: lang.split(/\s+/)[0] ?? '', text }));
}

const isCode = (token: Token): token is Tokens.Code => token.type === 'code';
