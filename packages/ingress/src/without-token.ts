/** The query of a request without the credentials that may stand in it: they are neither stored nor logged. */

/** As it was sent, without question mark and without each `token=…`; and the value of the first of those, as it was sent. */
export function withoutToken(search: string): { query: string; token: string | undefined } {
  let token: string | undefined;
  const kept = search
    .replace(/^\?/, '')
    .split('&')
    .filter((pair) => {
      const [first] = new URLSearchParams(pair);
      if (first?.[0] !== 'token') return true;
      token ??= pair.includes('=') ? pair.slice(pair.indexOf('=') + 1) : '';
      return false;
    });
  return { query: kept.join('&'), token };
}
