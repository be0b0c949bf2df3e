/** The internal HTTP server: health for whoever asks; metrics, configuration and the queue dashboard for the holder of the token. */
import Router from '@koa/router';
import {
  checkReadiness,
  isOneOfInHeader,
  LimitedLog,
  messageOf,
  secretOf,
  type ConfigurationStatus,
  type Logger,
  type ReadinessCheck,
} from '@vidhuk/shared';
import Koa, { type Context } from 'koa';
import { Counter, type Registry } from 'prom-client';
import type { Dashboard } from './dashboard.js';
import { loginPages } from './login-page.js';
import { refuseLoss } from './refuse-loss.js';
import { refuseOtherSites } from './refuse-other-sites.js';
import { securePages } from './secure-pages.js';
import { isSession, newSession, sessionCookie } from './session.js';
import { trimDashboard } from './trim-dashboard.js';

export interface AdminParts {
  /** Without one, everything but health is closed. */
  token: string | undefined;
  readiness: readonly ReadinessCheck[];
  registry: Registry;
  configuration: () => ConfigurationStatus;
  dashboard: Dashboard;
  log: Logger;
}

export function createAdminApp({ token, readiness, registry, configuration, dashboard, log }: AdminParts): Koa {
  const app = new Koa();
  app.on('error', (error: unknown) => log.error({ err: describeError(error) }, 'request failed'));
  const refusals = new LimitedLog(log);
  const refused = new Counter({
    name: 'vidhuk_wrong_admin_tokens_total',
    help: 'Requests to the admin port with another admin token',
    registers: [registry],
  });
  const open = new Router();
  open.get('/health/live', (ctx) => {
    ctx.body = { status: 'ok' };
  });
  open.get('/health/ready', async (ctx) => {
    Object.assign(ctx, await checkReadiness(readiness));
  });
  const closed = new Router();
  closed.get('/', (ctx) => ctx.redirect('/queues'));
  closed.get('/metrics', async (ctx) => {
    ctx.type = registry.contentType;
    ctx.body = await registry.metrics();
  });
  closed.get('/configuration', (ctx) => {
    ctx.body = configuration();
  });
  closed.post('/login', (ctx) => {
    if (token !== undefined)
      ctx.cookies.set(sessionCookie(token), newSession(token, Date.now()), { httpOnly: true, sameSite: 'strict' });
    ctx.status = 204;
  });

  app.use(securePages);
  app.use(open.routes());
  if (token !== undefined) app.use(loginPages().routes());
  app.use(async (ctx, next): Promise<void> => {
    if (token !== undefined && isAdmin(ctx, token)) {
      await next();
      return;
    }
    refuse(ctx, token);
    if (!bringsSecret(ctx, token)) return;
    refused.inc();
    refusals.warn('', { remote: ctx.ip, code: 401 }, 'somebody asked with another admin token');
  });
  app.use(refuseOtherSites);
  app.use(closed.routes());
  app.use(refuseLoss);
  app.use(trimDashboard);
  app.use(dashboard.middleware);
  return app;
}

/** Not whoever only opens the page. */
const bringsSecret = (ctx: Context, token: string | undefined): boolean =>
  ctx.get('authorization') !== '' || (token !== undefined && ctx.cookies.get(sessionCookie(token)) !== undefined);

function isAdmin(ctx: Context, token: string): boolean {
  const secret = secretOf(ctx.get('authorization'));
  if (secret !== undefined) return isOneOfInHeader(secret, [token]);
  return isSession(ctx.cookies.get(sessionCookie(token)) ?? '', token, Date.now());
}

function refuse(ctx: Context, token: string | undefined): void {
  ctx.status = 401;
  // A browser would ask for a password where the login page says what was wrong.
  const scheme = ctx.path === '/login' ? 'Bearer' : 'Basic';
  ctx.set('WWW-Authenticate', `${scheme} realm="vidhuk admin", charset="UTF-8"`);
  ctx.body =
    token === undefined
      ? 'set ADMIN_TOKEN to open this page\n'
      : 'needs the admin token, as bearer token or as password; in a browser, open /login\n';
}

/** Of a request that is wrong by itself (`status`, as Koa's body parser sets it) no more than its kind: the message may quote what was sent. */
function describeError(error: unknown): string {
  return error instanceof Error && 'status' in error ? `${error.name} (${String(error.status)})` : messageOf(error);
}
