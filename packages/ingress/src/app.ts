/** The ingress as a Koa application; it never listens by itself, so tests need no port. */
import Router from '@koa/router';
import {
  checkReadiness,
  withoutReasons,
  isOneOfInHeader,
  messageOf,
  secretOf,
  type ConfigurationStatus,
  type Logger,
  type ReadinessCheck,
} from '@vidhuk/shared';
import Koa, { type Context } from 'koa';
import type { IncomingMessage } from 'node:http';
import type { Registry } from 'prom-client';
import { findSource, hasToken, isPathToken, isTokenOfAny, pathTokenOf, type Sources } from './authenticate.js';
import type { IngressMetrics } from './metrics.js';
import type { Receive } from './receive.js';
import type { ReceiveWorkflow } from './receive-workflow.js';
import type { Refusals } from './refusals.js';
import { notFound, respond } from './respond.js';
import { workflowPath, workflowRoute } from './workflow-route.js';

export interface AppParts {
  /** As they are now: a reload changes them. */
  sources: () => Sources;
  receive: Receive;
  receiveWorkflow: ReceiveWorkflow;
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
const batchTokenOf = ({ path, search }: Context) => pathTokenOf(path, search, 4);

export function createApp(parts: AppParts): Koa {
  const { sources, receive, receiveWorkflow, readiness, metrics, refusals, clientAddress } = parts;
  const { registry, configuration, adminToken, log } = parts;
  const router = new Router();
  const isAdmin = (ctx: Context): boolean => {
    const secret = secretOf(ctx.get('authorization'));
    return adminToken !== undefined && secret !== undefined && isOneOfInHeader(secret, [adminToken]);
  };

  router.post(webhookPath, async (ctx) => {
    const started = performance.now();
    await respond(ctx, await deliver(ctx), { metrics, started });
  });

  /** The platform checks a URL with GET when it is saved. */
  router.get(webhookPath, (ctx) => {
    const source = findSource(sources(), ctx.params.source);
    const token = batchTokenOf(ctx);
    if (source !== undefined && (token === undefined || isPathToken(source, token))) {
      ctx.body = 'ok';
      return;
    }
    refusals.refused('credentials', 404, { remote: clientAddress(ctx.req) });
    notFound(ctx);
  });

  const workflow = workflowRoute({ sources, receiveWorkflow, metrics, refusals, clientAddress });
  router.get(workflowPath, workflow);
  router.post(workflowPath, workflow);

  router.get('/health/live', (ctx) => {
    ctx.body = { status: 'ok' };
  });
  router.get('/health/ready', async (ctx) => {
    const answer = await checkReadiness(readiness);
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
    const token = batchTokenOf(ctx);
    const remote = clientAddress(ctx.req);
    if (name === undefined || source === undefined) {
      // Only who has a token of some source is told that there is no such one: to anybody else it looks like one that is there.
      const isKnown = isTokenOfAny(sources(), token, ctx.headers);
      const answer = isKnown ? { status: 404, body: 'no such source\n' } : badCredentials;
      refusals.refused(isKnown ? 'name' : 'credentials', answer.status, { remote });
      return answer;
    }
    if (!hasToken(source, token, ctx.headers)) {
      refusals.refused('credentials', 401, { source: name, remote });
      return badCredentials;
    }
    const answer = await receive(ctx.req, { name, timeZone: source.timeZone });
    if (answer.status === 400 || answer.status === 408 || answer.status === 413)
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
