/** Texts of others may quote what we sent them: no secret may get from there into logs and ledger. */

/** Shorter ones would also cut harmless words. */
const minLength = 4;

/** As a part of a text in JSON. */
const inJson = (secret: string): string => JSON.stringify(secret).slice(1, -1);

/** As others quote it: as it is, percent-encoded, in base64, in JSON, and in JSON as PHP writes it. */
const formsOf = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64'),
  inJson(secret),
  inJson(secret).replaceAll('/', String.raw`\/`),
];

/** `text` with each secret, in whichever form, as `***`. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= minLength)
    .flatMap(formsOf)
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
