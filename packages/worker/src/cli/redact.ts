/** Settings and requests fit for a screen: whatever looks like a secret is covered. */

const secretName = /secret|token|password|api-?key|authorization|cookie|signature/i;
const cover = '•••';

/** A copy of `value` in which the values of keys that name secrets, and credentials inside of URLs, are covered. */
export function redact(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => redact(item, key));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, redact(item, name)]));
  if (secretName.test(key)) return cover;
  return typeof value === 'string' ? value.replace(/(\w+:\/\/)[^/\s@]+@/g, `$1${cover}@`) : value;
}
