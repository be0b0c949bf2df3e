/** Signatures as Standard Webhooks defines them: the receiver verifies them with any library of that name. */
import { Webhook } from 'standardwebhooks';

const prefix = 'whsec_';

/** What is wrong with a secret, in words, or null. */
export function secretProblem(secret: string): string | null {
  if (secret.trim() === '') return 'is empty';
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
  const webhooks = secrets.map((secret) =>
    secret.startsWith(prefix) ? new Webhook(secret) : new Webhook(new TextEncoder().encode(secret), { format: 'raw' }),
  );
  return (id, body, at) => {
    const headers: Record<string, string> = { 'webhook-id': id, 'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)) };
    if (webhooks.length > 0) headers['webhook-signature'] = webhooks.map((webhook) => webhook.sign(id, at, body)).join(' ');
    return headers;
  };
}
