/** Who may deliver: the source's token in the path, as Basic password, or in the header X-Webhook-Token. */
import type { IncomingHttpHeaders } from 'node:http';
import { asUtf8, isOneOf, secretOf, type SourceConfiguration } from '@vidhuk/shared';

/** What the ingress knows of a source. */
export type Source = Pick<SourceConfiguration, 'tokens' | 'timeZone' | 'workflows'>;
export type Sources = Readonly<Record<string, Source>>;

/** The configured source of that name, if there is one; a name such as `constructor` is none. */
export function findSource<Known extends Source>(
  sources: Readonly<Record<string, Known>>,
  name: string | undefined,
): Known | undefined {
  return name !== undefined && Object.hasOwn(sources, name) ? sources[name] : undefined;
}

/**
 * Whether the request brings one of the source's tokens; what stands in the path counts first, then the headers, then `query`: the token in the query,
 * as it was sent, of requests where one may stand there.
 */
export function hasToken(source: Source, path: PathToken | undefined, headers: IncomingHttpHeaders, query?: string): boolean {
  if (path !== undefined) return isPathToken(source, path);
  const header = headers['x-webhook-token'];
  const given = typeof header === 'string' ? header : secretOf(headers.authorization);
  const forms = given !== undefined ? [given, asUtf8(given)] : query !== undefined ? [query, decode(query)] : [];
  return forms.some((form) => isOneOf(form, source.tokens));
}

/** Whether it is a token of any source at all. */
export const isTokenOfAny = (
  sources: Sources,
  path: PathToken | undefined,
  headers: IncomingHttpHeaders,
  query?: string,
): boolean =>
  Object.values(sources)
    .map((source) => hasToken(source, path, headers, query))
    .includes(true);

export interface PathToken {
  /** Percent-encoded. */
  token: string;
  /** With its question mark, or empty. */
  search: string;
}

/** What stands behind the first `before` parts of `path`, as it was sent; undefined: nothing. `search` may be a part of it, or not. */
export function pathTokenOf(path: string, search: string, before: number): PathToken | undefined {
  const token = path.split('/').slice(before).join('/');
  return token === '' || token === '/' ? undefined : { token, search };
}

/** A slash at the end of the path is the writer's; another one, and a question mark, may be the token's. */
export function isPathToken(source: Source, { token, search }: PathToken): boolean {
  const trimmed = token.replace(/\/$/, '');
  return [trimmed, trimmed + search].some((form) => [form, decode(form)].some((each) => isOneOf(each, source.tokens)));
}

/** A token with a bare percent sign is what it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
