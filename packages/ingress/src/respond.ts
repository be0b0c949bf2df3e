/** How every call that brings something is answered. */
import type { Context } from 'koa';
import type { IngressMetrics } from './metrics.js';
import { discardRest } from './read-body.js';
import { retryAfterSeconds } from './receive-body.js';

/** Sets the answer and what belongs to it. `started`: when the headers were there, by `performance.now()`. */
export async function respond(
  ctx: Context,
  answer: { status: number; body: string | object },
  { metrics, started }: { metrics: IngressMetrics; started: number },
): Promise<void> {
  ctx.status = answer.status;
  ctx.body = answer.body;
  if (answer.status === 503) ctx.set('Retry-After', String(retryAfterSeconds));
  if (answer.status === 401) ctx.set('WWW-Authenticate', 'Basic realm="vidhuk", charset="UTF-8"');
  await discardRest(ctx.req);
  // What was not read to its end cannot be followed by another request.
  if (!ctx.req.complete) ctx.set('Connection', 'close');
  metrics.answered(answer.status, performance.now() - started);
}

export function notFound(ctx: Context): void {
  ctx.status = 404;
  ctx.body = 'not found\n';
}
