import { RefusedTogether } from '@vidhuk/shared';
import { Type } from '@sinclair/typebox';
import { defineHandler, type HandlerUse } from './handler.js';
import { checkAnswer, usualFinalStatuses } from './http/answer.js';
import { compileWebhookCall, type WebhookCall, type WebhookParams } from './http/webhook-call.js';
import { isOneKind, payloadOf, payloadOfGroup } from './payload.js';

const methods = (['POST', 'PUT', 'PATCH', 'DELETE', 'GET'] as const).map((method) => Type.Literal(method));

/** Compiled at boot, used by every call; an action's parameters are one object for as long as it lives. */
const compiled = new WeakMap<WebhookParams, WebhookCall>();

/** One HTTP request per activity, or per group of them, signed as Standard Webhooks defines it. */
export const httpRequest = defineHandler({
  name: 'http-request',
  description: 'sends an HTTP request, signed as Standard Webhooks defines it',
  group: true,
  params: Type.Object(
    {
      /** May be a template, as may the values of `headers` and every text in `body`. */
      url: Type.String({ minLength: 1 }),
      method: Type.Union(methods, { default: 'POST' }),
      headers: Type.Optional(Type.Record(Type.String(), Type.String())),
      /** A text, or any structure, which is sent as JSON. Without it: `payload.ts`. */
      body: Type.Optional(Type.Unknown()),
      /** Two while one replaces the other. */
      secret: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1, maxItems: 2 })])),
      allowPrivateNetwork: Type.Boolean({ default: false }),
      /** Answers after which the same call is never made again. */
      finalStatuses: Type.Array(Type.Integer({ minimum: 300, maximum: 599 }), { default: [...usualFinalStatuses] }),
    },
    { additionalProperties: false },
  ),
  check: (params, use) => callOf(params, use).problems,
  async run(activities, params, ctx) {
    const [first] = activities;
    if (first === undefined) return;
    if (activities.length > 1 && !ctx.grouped) throw new Error(`${activities.length} activities for an action without "group"`);
    if (!isOneKind(activities)) {
      // The condition of the action was changed from one to the other, and these were one call before.
      const apart = new RefusedTogether('activities and requests go out apart');
      for (const activity of activities) ctx.fail(activity, apart);
      return;
    }
    const payload = ctx.grouped ? payloadOfGroup(ctx.action, activities) : payloadOf(ctx.action, first);
    const { secrets, ...request } = callOf(params, ctx).prepare(payload, ctx.idempotencyKey, new Date());
    const { method, allowPrivateNetwork } = params;
    const response = await ctx.http.request({ ...request, method, allowPrivateNetwork, signal: ctx.signal });
    checkAnswer(response, { from: new URL(request.url).origin, secrets, final: params.finalStatuses });
  },
});

function callOf(params: WebhookParams, use: HandlerUse): WebhookCall {
  const call = compiled.get(params) ?? compileWebhookCall(params, use);
  compiled.set(params, call);
  return call;
}
