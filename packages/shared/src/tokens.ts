/** Comparing secrets in constant time. */
import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether `given` is one of `accepted`; takes as long for every answer. Digests are compared: `timingSafeEqual` throws on unequal lengths. */
export function isOneOf(given: string, accepted: readonly string[]): boolean {
  const wanted = digest(given);
  return accepted.map((token) => timingSafeEqual(digest(token), wanted)).includes(true);
}

/** What keeps a token from working, in words; null where nothing does. */
export function tokenProblem(token: string): string | null {
  if (/[\s\p{Cc}\p{Cf}\p{Z}]/u.test(token))
    return 'holds white space or a character that cannot be seen, which gets lost on the way: make a new one';
  return /^\.{0,2}$/.test(token) ? 'is nothing, or a step in a path, which no client sends: make a new one' : null;
}

/** The same of a key that somebody else gave out: it is copied once more, not made anew. */
export const keyProblem = (key: string): string | null =>
  /[\s\p{Cc}\p{Cf}\p{Z}]/u.test(key) ? 'holds white space or a character that cannot be seen: copy it once more' : null;

/** Node reads and writes a header byte by byte; most clients send what is not ASCII as UTF-8. */
export const asUtf8 = (header: string): string => Buffer.from(header, 'latin1').toString('utf8');
/** What Node is to be given so that a header carries this text as UTF-8. */
export const inHeader = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** Whether what came by a header is one of `accepted`, in whichever of the two ways its client has written it. */
export const isOneOfInHeader = (given: string, accepted: readonly string[]): boolean =>
  [given, asUtf8(given)].map((form) => isOneOf(form, accepted)).includes(true);

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
