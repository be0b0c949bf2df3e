/** Settings and requests fit for a screen: whatever looks like a secret is covered. */

/** A `key` alone is too harmless a name: an activity's identity has it. In a URL or a header (`x-key`) it is one. */
const secretName = /secret|token|password|api-?key|authorization|cookie|signature|[-_](?:key|auth)$/i;
/** Ends as a secret does, and is none. */
const isPublic = /^(?:x-)?idempotency-key$/i;
const credentialsOfUrl = /(\w+:\/\/)[^/\s@]+@/g;
const secretsOfQuery = /([?&][^=&#\s]*(?:secret|token|password|key|auth|sig(?:nature)?)=)[^&#\s]+/gi;
const cover = '•••';

/** A copy of `value` in which the values of keys that name secrets are covered, as are credentials and keys inside of URLs. */
export function redact(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => redact(item, key));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, redact(item, name)]));
  if (secretName.test(key) && !isPublic.test(key)) return cover;
  if (typeof value !== 'string') return value;
  const text = value.replace(credentialsOfUrl, `$1${cover}@`);
  return /url$/i.test(key) ? text.replace(secretsOfQuery, `$1${cover}`) : text;
}
