/** Texts of others may quote what we sent them: no secret may get from there into logs and ledger. */

/** Shorter ones would also cut harmless words. */
const minLength = 4;

/** `text` with each secret, plain, percent-encoded or base64-encoded, as `***`. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= minLength)
    .flatMap((secret) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
    .sort((a, b) => b.length - a.length)
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}

/** What of a URL may be secret: some receivers' addresses hold their token in the path or in the query. */
export function secretsOfUrl(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const { pathname, search, searchParams } = new URL(url);
  const segments = pathname.split('/').filter((segment) => segment.length >= 16);
  return [
    pathname + search,
    search.slice(1),
    ...(pathname.length >= 16 ? [pathname] : []),
    ...segments,
    ...searchParams.values(),
  ];
}
