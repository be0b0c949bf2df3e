import { keyProblem, messageOf, PermanentError, RefusedTogether } from '@vidhuk/shared';
import { Type, type Static } from '@sinclair/typebox';
import { callNames, compileCall, type PlatformCall } from './esputnik/calls.js';
import { defineHandler, type HandlerSubject, type HandlerUse, type RunContext } from './handler.js';
import type { HttpResponse } from './http-client.js';
import { checkAnswer, usualFinalStatuses } from './http/answer.js';
import { targetProblem } from './http/target-problem.js';

const params = Type.Object(
  {
    call: Type.Union(callNames.map((name) => Type.Literal(name))),
    apiKey: Type.String({ minLength: 1 }),
    baseUrl: Type.String({ default: 'https://esputnik.com/api' }),
    allowPrivateNetwork: Type.Boolean({ default: false }),
    /** set-subscriptions: the categories that the contact is subscribed to from now on; none of them = []. */
    subscriptions: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
    /** event; templates in `keyValue` and in the values. */
    eventTypeKey: Type.Optional(Type.String({ minLength: 1 })),
    keyValue: Type.Optional(Type.String({ minLength: 1 })),
    params: Type.Optional(
      Type.Array(Type.Object({ name: Type.String({ minLength: 1 }), value: Type.Unknown() }, { additionalProperties: false })),
    ),
    /** attach-to-group, detach-from-group. */
    groupId: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  { additionalProperties: false },
);
type Params = Static<typeof params>;

const compiled = new WeakMap<Params, PlatformCall | string[]>();

/**
 * Calls the platform's API: unsubscribe or resubscribe an e-mail address, set a contact's subscriptions, generate an event, attach contacts to a
 * group or detach them. A group of activities becomes as few calls as the API allows. These calls may make the platform send further activities:
 * `maxPerContact` guards against a loop.
 */
export const esputnikRequest = defineHandler({
  name: 'esputnik-request',
  description: "calls the platform's API: subscriptions, events, groups",
  group: true,
  params,
  check(given, use) {
    const call = callOf(given, use);
    const problem = targetProblem(given.baseUrl, given.allowPrivateNetwork);
    const ofKey = keyProblem(given.apiKey);
    return [
      ...(Array.isArray(call) ? call : []),
      ...(ofKey === null ? [] : [`with.apiKey: ${ofKey}`]),
      ...(problem === null ? [] : [`with.baseUrl: ${problem}`]),
    ];
  },
  async run(activities, given, ctx) {
    const call = callOf(given, ctx);
    if (Array.isArray(call)) throw new PermanentError(call.join('; '));
    const ready: Ready[] = [];
    for (const activity of activities) {
      try {
        ready.push({ activity, item: call.item(activity, ctx.action) });
      } catch (error) {
        if (activities.length === 1) throw error;
        ctx.fail(activity, asError(error));
      }
    }
    for (let start = 0; start < ready.length; start += call.max) {
      const chunk = ready.slice(start, start + call.max);
      try {
        await callOnce(call, chunk, given, ctx);
      } catch (error) {
        // Of no use to go on with the others while the platform cannot answer; those before them are done.
        const isTheirFault = error instanceof PermanentError;
        if (activities.length === 1 || (start === 0 && !isTheirFault)) throw error;
        for (const { activity } of isTheirFault ? chunk : ready.slice(start)) ctx.fail(activity, asError(error));
        if (!isTheirFault) return;
      }
    }
  },
});

interface Ready {
  activity: HandlerSubject;
  item: unknown;
}

async function callOnce(call: PlatformCall, chunk: readonly Ready[], given: Params, ctx: RunContext): Promise<void> {
  const { method, path, body } = call.request(chunk.map(({ item }) => item));
  const { apiKey, baseUrl, allowPrivateNetwork } = given;
  const response = await ctx.http.request({
    method,
    url: `${baseUrl.replace(/\/+$/, '')}/${path}`,
    headers: { authorization: `Basic ${Buffer.from(`vidhuk:${apiKey}`).toString('base64')}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: ctx.signal,
    allowPrivateNetwork,
  });
  judge(response, chunk, given);
}

function judge(response: HttpResponse, chunk: readonly Ready[], { apiKey, baseUrl }: Params): void {
  // The platform says 404 of a contact or a group that is not there. A key that is wrong or not allowed (401, 403) is mended by ops: rows wait for that.
  const final = [...usualFinalStatuses, 404, 405, 409];
  const options = { from: new URL(baseUrl).origin, secrets: [apiKey, `vidhuk:${apiKey}`], final };
  try {
    checkAnswer(response, options);
  } catch (error) {
    // One contact that the platform does not take refuses the call for all of them.
    if (error instanceof PermanentError && chunk.length > 1)
      throw new RefusedTogether(`refused together with others: ${error.message}`, { cause: error });
    throw error;
  }
}

function callOf(given: Params, { subject }: HandlerUse): PlatformCall | string[] {
  const call = compiled.get(given) ?? compileCall(given, subject);
  compiled.set(given, call);
  return call;
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(messageOf(error)));
