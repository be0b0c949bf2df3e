/** Who may deliver: the source's token in the path, as Basic password, or in the header X-Webhook-Token. */
import type { IncomingHttpHeaders } from 'node:http';
import { isOneOf, secretOf, type SourceConfiguration } from '@vidhuk/shared';

/** What the ingress knows of a source. */
export type Source = Pick<SourceConfiguration, 'tokens' | 'timeZone'>;
export type Sources = Readonly<Record<string, Source>>;

/** The configured source of that name, if there is one; a name such as `constructor` is none. */
export function findSource<Known extends Source>(
  sources: Readonly<Record<string, Known>>,
  name: string | undefined,
): Known | undefined {
  return name !== undefined && Object.hasOwn(sources, name) ? sources[name] : undefined;
}

/** Whether the request brings one of the source's tokens; what stands in the path counts first. */
export function hasToken(source: Source, pathToken: string | undefined, headers: IncomingHttpHeaders): boolean {
  const header = headers['x-webhook-token'];
  const given = pathToken ?? (typeof header === 'string' ? header : secretOf(headers.authorization));
  return given !== undefined && isOneOf(given, source.tokens);
}
