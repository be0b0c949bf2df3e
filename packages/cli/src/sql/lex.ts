/** Enough of PostgreSQL's lexical rules to see where a statement ends and where a variable of psql stands. */

export interface Token {
  /** `open`: a quote or comment that does not end here. `variable`: `:name`, `:'name'` or `:"name"`. */
  kind: 'end' | 'variable' | 'comment' | 'open' | 'other';
  text: string;
}

const rules: readonly [Token['kind'], RegExp][] = [
  ['other', /\s+/y],
  ['comment', /--[^\n]*/y],
  ['other', /[eE]'(?:[^'\\]|\\[\s\S]|'')*'(?!')/y],
  ['other', /'(?:[^']|'')*'(?!')/y],
  ['other', /"(?:[^"]|"")*"(?!")/y],
  ['other', /\$([a-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?\$\1\$/iy],
  ['open', /(?:[eE]?'|"|\$(?:[a-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)[\s\S]*/iy],
  ['other', /[a-z_\u0080-\uffff][\w$\u0080-\uffff]*/iy],
  ['other', /::|:=/y],
  ['variable', /:(?:'[a-z_]\w*'|"[a-z_]\w*"|[a-z_]\w*)/iy],
  ['end', /;/y],
  ['other', /[\s\S]/y],
];

/** All of `text`, in order. */
export function* lex(text: string): Generator<Token> {
  let at = 0;
  while (at < text.length) {
    const token = text.startsWith('/*', at) ? comment(text.slice(at)) : match(text, at);
    yield token;
    at += token.text.length;
  }
}

function match(text: string, at: number): Token {
  for (const [kind, rule] of rules) {
    rule.lastIndex = at;
    const found = rule.exec(text)?.[0];
    if (found !== undefined) return { kind, text: found };
  }
  return { kind: 'other', text: text.slice(at) };
}

/** They may stand in each other. */
function comment(text: string): Token {
  let depth = 0;
  for (const { 0: mark, index } of text.matchAll(/\/\*|\*\//g)) {
    depth += mark === '/*' ? 1 : -1;
    if (depth === 0) return { kind: 'comment', text: text.slice(0, index + 2) };
  }
  return { kind: 'open', text };
}
