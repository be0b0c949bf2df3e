/** The ingress as a Koa application; it never listens by itself, so tests need no port. */
import Router from '@koa/router';
import {
  checkReadiness,
  shareAnswers,
  withoutReasons,
  isOneOf,
  messageOf,
  secretOf,
  type ConfigurationStatus,
  type Logger,
  type ReadinessCheck,
} from '@vidhuk/shared';
import Koa, { type Context } from 'koa';
import type { IncomingMessage } from 'node:http';
import type { Registry } from 'prom-client';
import { findSource, hasToken, isPathToken, isTokenOfAny, type PathToken, type Sources } from './authenticate.js';
import type { IngressMetrics } from './metrics.js';
import { discardRest } from './read-body.js';
import type { Refusals } from './refusals.js';
import { retryAfterSeconds, type Receive } from './receive.js';

export interface AppParts {
  /** As they are now: a reload changes them. */
  sources: () => Sources;
  receive: Receive;
  readiness: readonly ReadinessCheck[];
  metrics: IngressMetrics;
  registry: Registry;
  configuration: () => ConfigurationStatus;
  refusals: Refusals;
  /** Of a request, past proxies; see `client-address.ts`. */
  clientAddress: (request: IncomingMessage) => string | undefined;
  /** Opens `GET /metrics` and `GET /configuration`; without one they do not exist. */
  adminToken: string | undefined;
  log: Logger;
}

const badCredentials = { status: 401, body: 'bad credentials\n' };

/** Behind the source a token may stand, in which may be slashes. */
const webhookPath = '/webhooks/esputnik/:source{/*token}';
/** As it was sent. What stands behind a question mark may be a part of it, or not. undefined: there is none. */
function pathTokenOf({ path, search }: Context): PathToken | undefined {
  const token = path.split('/').slice(4).join('/');
  return token === '' || token === '/' ? undefined : { token, search };
}

export function createApp({
  sources,
  receive,
  readiness,
  metrics,
  refusals,
  clientAddress,
  registry,
  configuration,
  adminToken,
  log,
}: AppParts): Koa {
  const router = new Router();
  const askReadiness = shareAnswers(() => checkReadiness(readiness));
  const isAdmin = (ctx: Context): boolean => {
    const secret = secretOf(ctx.get('authorization'));
    return adminToken !== undefined && secret !== undefined && isOneOf(secret, [adminToken]);
  };

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
    if (source !== undefined && (token === undefined || isPathToken(source, token))) {
      ctx.body = 'ok';
      return;
    }
    refusals.refused('credentials', 404, { remote: clientAddress(ctx.req) });
    notFound(ctx);
  });

  router.get('/health/live', (ctx) => {
    ctx.body = { status: 'ok' };
  });
  router.get('/health/ready', async (ctx) => {
    const answer = await askReadiness();
    Object.assign(ctx, isAdmin(ctx) ? answer : withoutReasons(answer));
  });
  router.get(['/metrics', '/configuration'], async (ctx, next) => {
    if (isAdmin(ctx)) {
      await next();
      return;
    }
    if (adminToken !== undefined) refusals.refused('admin', 404, { remote: clientAddress(ctx.req) });
    notFound(ctx);
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
    const token = pathTokenOf(ctx);
    const remote = clientAddress(ctx.req);
    if (name === undefined || source === undefined) {
      // Only who has a token of some source is told that there is no such one: to anybody else it looks like one that is there.
      if (isTokenOfAny(sources(), token, ctx.headers)) return { status: 404, body: 'no such source\n' };
      refusals.refused('credentials', 401, { remote });
      return badCredentials;
    }
    if (!hasToken(source, token, ctx.headers)) {
      refusals.refused('credentials', 401, { source: name, remote });
      return badCredentials;
    }
    const answer = await receive(ctx.req, { name, timeZone: source.timeZone });
    if (answer.status === 400 || answer.status === 413)
      refusals.refused('body', answer.status, { source: name, remote, err: answer.body.trim() });
    return answer;
  }

  const app = new Koa();
  // The path holds a token: it is in no log line.
  app.on('error', (error: unknown) => log.error({ err: messageOf(error) }, 'request failed'));
  app.use(async (ctx, next) => {
    await next();
    if (ctx.status !== 404 || ctx.body !== undefined) return;
    refusals.refused('path', 404, { remote: clientAddress(ctx.req) });
  });
  app.use(router.routes());
  return app;
}

function notFound(ctx: Context): void {
  ctx.status = 404;
  ctx.body = 'not found\n';
}
