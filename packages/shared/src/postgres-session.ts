/** What a session of PostgreSQL is like, whatever its URL, its database, its user's settings or a pooler in between say. */

/** Settings of the server, by name, as `-c` takes them. */
export type SessionSettings = Readonly<Record<string, string>>;

/** By which answers are read and statements mean the same everywhere: a database may have others ("alter database … set"). */
const always: SessionSettings = {
  timezone: 'UTC',
  datestyle: 'ISO',
  intervalstyle: 'postgres',
  bytea_output: 'hex',
  standard_conforming_strings: 'on',
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
};

/** A setting that the server knows nothing of: where it is there, the others of the same start are in force too. */
const marker = 'vidhuk.session';

export const sessionCheck = `select current_setting('${marker}', true) as marker`;

/** What was refused, for {@link explainConnectionFailure}. */
export const settingsNotInForce = 'settings of the session are not in force';

/**
 * A URL and the `options` of a connection's start. What the URL says in its own `options` holds too, where we do not say otherwise; the driver by
 * itself would take either the ones or the others. `sslmode` means what it means to psql.
 */
export function sessionOf(url: string, settings: SessionSettings): { url: string; options: string } {
  const { url: rest, options } = withoutOptions(asPsqlMeansIt(url));
  const ours = Object.entries({ ...always, ...settings, [marker]: 'on' });
  return { url: rest, options: [options, ...ours.map(([name, value]) => `-c ${name}=${escaped(value)}`)].join(' ').trim() };
}

/** The URL with which the driver takes `sslmode` as psql does; all else stays as it was written. */
export function asPsqlMeansIt(url: string): string {
  const parsed = new URL(url);
  if (!parsed.searchParams.has('sslmode') || parsed.searchParams.has('uselibpqcompat')) return url;
  parsed.searchParams.set('uselibpqcompat', 'true');
  return parsed.href;
}

/** The rest stays as it was written where there are none. */
function withoutOptions(url: string): { url: string; options: string } {
  const parsed = new URL(url);
  const options = parsed.searchParams.get('options') ?? '';
  if (options === '') return { url, options };
  parsed.searchParams.delete('options');
  return { url: parsed.href, options };
}

/** In `options` a space ends a value, unless a backslash stands before it (PostgreSQL, libpq-connect, "options"). */
const escaped = (value: string): string => value.replace(/[\\\s]/g, '\\$&');
