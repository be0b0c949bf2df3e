/** Comparing secrets in constant time. */
import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether `given` is one of `accepted`; takes as long for every answer. Digests are compared: `timingSafeEqual` throws on unequal lengths. */
export function isOneOf(given: string, accepted: readonly string[]): boolean {
  const wanted = digest(given);
  return accepted.map((token) => timingSafeEqual(digest(token), wanted)).includes(true);
}

/** The secret in an `Authorization` header: Bearer's token or Basic's password (RFC 7617: what follows the first colon). */
export function secretOf(authorization: string | undefined): string | undefined {
  const [scheme, credentials] = (authorization ?? '').split(/ +/, 2);
  if (credentials === undefined) return undefined;
  if (scheme?.toLowerCase() === 'bearer') return credentials;
  if (scheme?.toLowerCase() !== 'basic') return undefined;
  const decoded = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon === -1 ? undefined : decoded.slice(colon + 1);
}
