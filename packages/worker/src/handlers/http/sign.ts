/** Signatures as Standard Webhooks defines them: the receiver verifies them with any library of that name. */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

const prefix = 'whsec_';

/** What is wrong with a secret, in words, or null. */
export function secretProblem(secret: string): string | null {
  if (secret.trim() === '') return 'is empty';
  if (/[\p{Cc}\p{Cf}]/u.test(secret)) return 'holds a line break or another character that cannot be seen: copy it once more';
  if (!secret.startsWith(prefix)) return null;
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/.test(secret.slice(prefix.length))
    ? null
    : `has to be base64 after "${prefix}"`;
}

/**
 * Gives the headers of a call. With two secrets there are two signatures, and a receiver that knows either accepts the call: that is how a secret
 * is replaced. Secrets that do not begin with `whsec_` are taken as they are, in UTF-8. Without a secret there is an id and a time, and no signature.
 */
export function createSigner(secrets: readonly string[]): (id: string, body: string, at: Date) => Record<string, string> {
  const keys = secrets.map((secret) =>
    secret.startsWith(prefix) ? createSecretKey(secret.slice(prefix.length), 'base64') : createSecretKey(secret, 'utf8'),
  );
  return (id, body, at) => {
    const timestamp = String(Math.floor(at.getTime() / 1_000));
    const headers: Record<string, string> = { 'webhook-id': id, 'webhook-timestamp': timestamp };
    const signed = `${id}.${timestamp}.${body}`;
    if (keys.length > 0) headers['webhook-signature'] = keys.map((key) => signatureOf(signed, key)).join(' ');
    return headers;
  };
}

const signatureOf = (signed: string, key: KeyObject): string => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
