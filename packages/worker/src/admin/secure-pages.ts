/** What a browser may do with our pages: load nothing from elsewhere, and show them in no frame of another page, which could lead clicks astray. */
import type { Middleware } from 'koa';

const policy = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'", // of the dashboard, and of the login page
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

export const securePages: Middleware = async (ctx, next) => {
  ctx.set('Content-Security-Policy', policy);
  ctx.set('X-Frame-Options', 'DENY');
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.set('Referrer-Policy', 'no-referrer');
  await next();
};
