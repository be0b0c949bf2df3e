/** What is wrong with the URL of a server, told without what is secret in it. */

/** Characters that end the part of a URL in which user and password stand, and how they are written inside of it. */
const encoded: Readonly<Record<string, string>> = { '#': '%23', '/': '%2F', '?': '%3F' };

/** Of libpq, and one more of the driver's; one that is misspelt would be taken for something weaker. */
const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];

/** In words, to stand behind the setting's name; null where nothing is wrong. `schemes` as `postgres:`. */
export function urlProblem(value: string, schemes: readonly string[]): string | null {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:)\/\/(.*)$/is.exec(value) ?? [];
  if (!schemes.includes(scheme.toLowerCase()))
    return `must be a URL that begins with ${schemes.map((s) => `${s}//`).join(' or ')}`;
  const at = rest.lastIndexOf('@');
  const stopper = /[#/?]/.exec(rest.slice(0, Math.max(at, 0)))?.[0];
  // Behind the host an @ may stand in a name, but then user and password have had theirs before.
  if (stopper !== undefined && !/^[^#/?]*@/.test(rest))
    return `has a "${stopper}" in user or password, which ends them in a URL: write ${encoded[stopper] ?? ''}`;
  const [authority = ''] = rest.split(/[/?#]/, 1);
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (host.includes(','))
    return 'names several hosts, as psql takes them: give one, or an address that leads to the one that takes writes';
  if (host === '')
    return 'names no host: psql’s form with ?host= is not taken; a folder with a socket is written as the host, as %2Fvar%2Frun%2Fpostgresql';
  if (!URL.canParse(value)) return 'is no URL: look at host and port';
  const { username, password, pathname, hash, searchParams } = new URL(value);
  for (const part of [username, password, pathname])
    if (!isDecodable(part)) return 'has a "%" that is no percent-encoding: a percent sign is written %25';
  if (hash !== '') return 'has a "#", behind which a URL ends: write %23';
  if (scheme.toLowerCase().startsWith('redis'))
    return /^\/?\d*$/.test(pathname) ? null : 'has a path that is no number: behind the host of Redis stands a database, as /0';
  const mode = searchParams.get('sslmode');
  return mode === null || sslModes.includes(mode)
    ? null
    : `has an sslmode that psql does not know: it is one of ${sslModes.join(', ')}`;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
