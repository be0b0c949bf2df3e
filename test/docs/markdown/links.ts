/** What a page points at, and what others can point at in it. */
import GithubSlugger from 'github-slugger';
import type { Token, Tokens } from 'marked';
import type { Page } from './pages.js';

/** Targets of links and pictures, in Markdown and in HTML, but for those on other hosts. */
export function localTargetsOf({ tokens }: Page): string[] {
  const inHtml = (html: string) => [...html.matchAll(/\b(?:href|src)="([^"]*)"/g)].map(([, target = '']) => target);
  return tokens
    .flatMap((token) => (isTarget(token) ? [token.href] : token.type === 'html' ? inHtml(token.raw) : []))
    .filter((target) => !/^[a-z]+:/i.test(target));
}

const isTarget = (token: Token): token is Tokens.Link | Tokens.Image => token.type === 'link' || token.type === 'image';

/** The anchors that GitHub gives to the headings. */
export function anchorsOf({ tokens }: Page): Set<string> {
  const slugger = new GithubSlugger();
  const headings = tokens.filter((token): token is Tokens.Heading => token.type === 'heading');
  return new Set(headings.map(({ text }) => slugger.slug(text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, ''))));
}

const rooms = /^(?:packages|test|docs|deploy|scripts)\/[\w./-]+$/;

/** Files and folders of the repository that are named as code: `test/compose/try.sh`. */
export const namedPathsOf = ({ tokens }: Page): string[] =>
  tokens.flatMap((token) => (token.type === 'codespan' && rooms.test(String(token.text)) ? [String(token.text)] : []));
