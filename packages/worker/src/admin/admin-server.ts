/** The internal HTTP server: health for whoever asks, metrics and the queue dashboard for the holder of the token. */
import Router from '@koa/router';
import { checkReadiness, isOneOf, messageOf, secretOf, type Logger, type ReadinessCheck } from '@vidhuk/shared';
import Koa from 'koa';
import type { Registry } from 'prom-client';
import type { Dashboard } from './dashboard.js';
import { refuseLoss } from './refuse-loss.js';
import { refuseOtherSites } from './refuse-other-sites.js';

export interface AdminParts {
  /** Without one, everything but health is closed. */
  token: string | undefined;
  readiness: readonly ReadinessCheck[];
  registry: Registry;
  dashboard: Dashboard;
  log: Logger;
}

export function createAdminApp({ token, readiness, registry, dashboard, log }: AdminParts): Koa {
  const app = new Koa();
  app.on('error', (error: unknown) => log.error({ err: describeError(error) }, 'request failed'));
  const open = new Router();
  open.get('/health/live', (ctx) => {
    ctx.body = { status: 'ok' };
  });
  open.get('/health/ready', async (ctx) => {
    Object.assign(ctx, await checkReadiness(readiness));
  });
  const closed = new Router();
  closed.get('/metrics', async (ctx) => {
    ctx.type = registry.contentType;
    ctx.body = await registry.metrics();
  });

  app.use(open.routes());
  app.use(async (ctx, next): Promise<void> => {
    const secret = secretOf(ctx.get('authorization'));
    if (token !== undefined && secret !== undefined && isOneOf(secret, [token])) {
      await next();
      return;
    }
    ctx.status = 401;
    ctx.set('WWW-Authenticate', 'Basic realm="vidhuk admin", charset="UTF-8"');
    ctx.body =
      token === undefined ? 'set ADMIN_TOKEN to open this page\n' : 'needs the admin token, as bearer token or as password\n';
  });
  app.use(refuseOtherSites);
  app.use(closed.routes());
  app.use(refuseLoss);
  app.use(dashboard.middleware);
  return app;
}

/** Of a request that is wrong by itself (`status`, as Koa's body parser sets it) no more than its kind: the message may quote what was sent. */
function describeError(error: unknown): string {
  return error instanceof Error && 'status' in error ? `${error.name} (${String(error.status)})` : messageOf(error);
}
