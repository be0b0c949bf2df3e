/** Standard Webhooks as a receiver verifies them: by the library of that name, which is the worker's dependency and resolved from there. */
import { createRequire } from 'node:module';
import type { ReceivedCall } from './receiver.js';

interface WebhookLibrary {
  Webhook: new (
    secret: string | Uint8Array,
    options?: { format: 'raw' },
  ) => { verify(body: string, headers: Record<string, string>, options: { jsonParse: boolean }): void };
}
const ofWorker = createRequire(new URL('../../packages/worker/package.json', import.meta.url));
const { Webhook } = ofWorker('standardwebhooks') as WebhookLibrary;

/** Throws unless a receiver that knows `secret` accepts the call. */
export function verifyWebhook(secret: string, { headers, body }: Pick<ReceivedCall, 'headers' | 'body'>): void {
  const webhook = secret.startsWith('whsec_')
    ? new Webhook(secret)
    : new Webhook(new TextEncoder().encode(secret), { format: 'raw' });
  const named = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, String(headers[name])]);
  webhook.verify(body, Object.fromEntries(named) as Record<string, string>, { jsonParse: false });
}
