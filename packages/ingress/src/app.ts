/** The ingress as a Koa application; it never listens by itself, so tests need no port. */
import Router from '@koa/router';
import {
  checkReadiness,
  isOneOf,
  messageOf,
  secretOf,
  type ConfigurationStatus,
  type Logger,
  type ReadinessCheck,
} from '@vidhuk/shared';
import Koa, { type Context } from 'koa';
import type { Registry } from 'prom-client';
import { findSource, hasToken, isPathToken, type PathToken, type Sources } from './authenticate.js';
import { LimitedLog } from './limited-log.js';
import type { IngressMetrics } from './metrics.js';
import { discardRest } from './read-body.js';
import { retryAfterSeconds, type Receive } from './receive.js';

export interface AppParts {
  /** As they are now: a reload changes them. */
  sources: () => Sources;
  receive: Receive;
  readiness: readonly ReadinessCheck[];
  metrics: IngressMetrics;
  registry: Registry;
  configuration: () => ConfigurationStatus;
  /** Opens `GET /metrics` and `GET /configuration`; without one they do not exist. */
  adminToken: string | undefined;
  log: Logger;
}

/** Behind the source a token may stand, in which may be slashes. */
const webhookPath = '/webhooks/esputnik/:source{/*token}';
/** As it was sent. What stands behind a question mark may be a part of it, or not. undefined: there is none. */
function pathTokenOf({ path, search }: Context): PathToken | undefined {
  const token = path.split('/').slice(4).join('/');
  return token === '' || token === '/' ? undefined : { token, search };
}

export function createApp({ sources, receive, readiness, metrics, registry, configuration, adminToken, log }: AppParts): Koa {
  const router = new Router();
  const refusals = new LimitedLog(log);

  router.post(webhookPath, async (ctx) => {
    const started = performance.now();
    const answer = await deliver(ctx);
    ctx.status = answer.status;
    ctx.body = answer.body;
    if (answer.status === 503) ctx.set('Retry-After', String(retryAfterSeconds));
    if (answer.status === 401) ctx.set('WWW-Authenticate', 'Basic realm="vidhuk", charset="UTF-8"');
    await discardRest(ctx.req);
    // What was not read to its end cannot be followed by another request.
    if (!ctx.req.complete) ctx.set('Connection', 'close');
    metrics.answered(answer.status, performance.now() - started);
  });

  /** The platform checks a URL with GET when it is saved. */
  router.get(webhookPath, (ctx) => {
    const source = findSource(sources(), ctx.params.source);
    const token = pathTokenOf(ctx);
    if (source === undefined || (token !== undefined && !isPathToken(source, token))) notFound(ctx);
    else ctx.body = 'ok';
  });

  router.get('/health/live', (ctx) => {
    ctx.body = { status: 'ok' };
  });
  router.get('/health/ready', async (ctx) => {
    Object.assign(ctx, await checkReadiness(readiness));
  });
  router.get(['/metrics', '/configuration'], async (ctx, next) => {
    const secret = secretOf(ctx.get('authorization'));
    if (adminToken === undefined || secret === undefined || !isOneOf(secret, [adminToken])) notFound(ctx);
    else await next();
  });
  router.get('/metrics', async (ctx) => {
    ctx.type = registry.contentType;
    ctx.body = await registry.metrics();
  });
  router.get('/configuration', (ctx) => {
    ctx.body = configuration();
  });

  async function deliver(ctx: Context & { params: Record<string, string | undefined> }) {
    const { source: name } = ctx.params;
    const source = findSource(sources(), name);
    if (name === undefined || source === undefined) return { status: 404, body: 'no such source\n' };
    if (!hasToken(source, pathTokenOf(ctx), ctx.headers)) {
      refusals.warn(name, { source: name, remote: ctx.ip }, 'bad credentials');
      return { status: 401, body: 'bad credentials\n' };
    }
    return receive(ctx.req, { name, timeZone: source.timeZone });
  }

  const app = new Koa();
  // The path holds a token: it is in no log line.
  app.on('error', (error: unknown) => log.error({ err: messageOf(error) }, 'request failed'));
  app.use(async (ctx, next) => {
    await next();
    if (ctx.status !== 404 || ctx.body !== undefined) return;
    metrics.unmatched();
    refusals.warn('', { method: ctx.method, remote: ctx.ip }, 'a request for a path that does not exist');
  });
  app.use(router.routes());
  return app;
}

function notFound(ctx: Context): void {
  ctx.status = 404;
  ctx.body = 'not found\n';
}
