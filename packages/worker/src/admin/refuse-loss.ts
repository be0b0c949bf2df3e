/** The dashboard can empty a queue, take jobs out and rewrite them. What was acknowledged is kept: only what loses and invents nothing passes. */
import type { Middleware } from 'koa';

const harmless = new RegExp(
  '^/queues/api/queues/(?:' +
    [
      '(?:pause|resume)', // all queues
      '[^/]+/(?:pause|resume|promote)',
      '[^/]+/retry/[^/]+',
      '[^/]+/[0-9a-f-]{36}/(?:retry|promote)', // one job: our ids are UUIDs
    ].join('|') +
    ')$',
);
const reading = new Set(['GET', 'HEAD', 'OPTIONS']);

export const refuseLoss: Middleware = async (ctx, next) => {
  if (reading.has(ctx.method) || harmless.test(ctx.path)) {
    await next();
    return;
  }
  ctx.status = 403;
  // In the form in which the dashboard shows it.
  ctx.body = {
    error: { key: 'ERRORS.FORBIDDEN' },
    message:
      'jobs are batches that were acknowledged: here they can be paused, resumed, promoted and retried, not changed or removed',
  };
};
