/** Standard Webhooks as a receiver verifies them: by the library of that name. */
import { Webhook } from 'standardwebhooks';
import type { ReceivedCall } from './receiver.js';

/** Throws unless a receiver that knows `secret` accepts the call. */
export function verifyWebhook(secret: string, { headers, body }: Pick<ReceivedCall, 'headers' | 'body'>): void {
  const webhook = secret.startsWith('whsec_')
    ? new Webhook(secret)
    : new Webhook(new TextEncoder().encode(secret), { format: 'raw' });
  const named = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, String(headers[name])]);
  webhook.verify(body, Object.fromEntries(named) as Record<string, string>, { jsonParse: false });
}
