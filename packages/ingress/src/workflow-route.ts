/** The route of the block "Webhook" of workflows. To somebody without a token it tells nothing: neither which sources there are, nor which hooks. */
import type { Context } from 'koa';
import type { IncomingMessage } from 'node:http';
import { findSource, hasToken, isTokenOfAny, pathTokenOf, type Sources } from './authenticate.js';
import type { IngressMetrics } from './metrics.js';
import type { ReceiveWorkflow, WorkflowAnswer } from './receive-workflow.js';
import type { Refusals } from './refusals.js';
import { respond } from './respond.js';
import { withoutToken } from './without-token.js';

export interface WorkflowRouteParts {
  sources: () => Sources;
  receiveWorkflow: ReceiveWorkflow;
  metrics: IngressMetrics;
  refusals: Refusals;
  /** Of a request, past proxies; see `client-address.ts`. */
  clientAddress: (request: IncomingMessage) => string | undefined;
}

/** Behind the hook a token may stand, in which may be slashes. */
export const workflowPath = '/workflows/esputnik/:source/:hook{/*token}';
const partsBeforeToken = 5;

type RoutedContext = Context & { params: Record<string, string | undefined> };
interface Refused {
  status: 401 | 404;
  body: { ok: false; error: string };
}
const refused = (status: Refused['status'], error: string): Refused => ({ status, body: { ok: false, error } });

/** Handles GET and POST. A HEAD is answered as to its credentials, and stores nothing. */
export function workflowRoute({ sources, receiveWorkflow, metrics, refusals, clientAddress }: WorkflowRouteParts) {
  return async (ctx: RoutedContext): Promise<void> => {
    const started = performance.now();
    await respond(ctx, await answerOf(ctx), { metrics, started });
  };

  async function answerOf(ctx: RoutedContext): Promise<Refused | WorkflowAnswer | { status: 200; body: object }> {
    const { source: name, hook: hookName } = ctx.params;
    const source = findSource(sources(), name);
    const { query, token } = withoutToken(ctx.search);
    // A question mark in a token of the path has to be escaped here: behind a bare one stands the query.
    const inPath = pathTokenOf(ctx.path, '', partsBeforeToken);
    const remote = clientAddress(ctx.req);
    // Whoever has no token of any source is told the same of sources and hooks that exist and that do not.
    const isIn =
      source === undefined ? isTokenOfAny(sources(), inPath, ctx.headers, token) : hasToken(source, inPath, ctx.headers, token);
    if (!isIn) {
      refusals.refused('credentials', 401, { ...(source !== undefined && name !== undefined && { source: name }), remote });
      return refused(401, 'bad credentials');
    }
    const hook = source === undefined || hookName === undefined ? undefined : own(source.workflows, hookName);
    if (name === undefined || source === undefined) {
      refusals.refused('name', 404, { remote });
      return refused(404, 'no such source');
    }
    if (hookName === undefined || hook === undefined) {
      refusals.refused('name', 404, { source: name, remote });
      return refused(404, `the source has no such hook: add it under "workflows" of the source in vidhuk.yaml`);
    }
    if (ctx.method === 'HEAD') return { status: 200, body: {} };
    const method = ctx.method === 'GET' ? 'GET' : 'POST';
    const answer = await receiveWorkflow(ctx.req, { source: name, name: hookName, hook, method, query });
    if ([400, 408, 413].includes(answer.status) && 'error' in answer.body)
      refusals.refused('body', answer.status, { source: name, remote, err: answer.body.error });
    return answer;
  }
}

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
