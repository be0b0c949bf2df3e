/** The schema of one action: what every action has and, by the handler that it runs, what stands under `with`. */
import { actionSchema } from '../../../packages/worker/src/follow-up/action-schema.js';
import { paramsOf } from '../../../packages/worker/src/handlers/esputnik/calls.js';
import type { Handler } from '../../../packages/worker/src/handlers/handler.js';
import { builtInHandlers } from '../../../packages/worker/src/handlers/index.js';
import { asWritten } from './as-written.js';
import { describeSettings } from './describe-settings.js';
import { plain, type JsonSchema, type SchemaObject } from './json-schema.js';
import type { Setting } from './read-settings.js';

/** Handlers of one's own may stand under `run`, too. */
export function schemaOfAction(settings: readonly Setting[]): SchemaObject {
  const action = describeSettings(asWritten(plain(actionSchema)), 'actions', settings);
  const when = describeSettings(action.properties?.when as SchemaObject, 'when', settings);
  return {
    ...action,
    // "channel" says whose flag "becomes" means, "body" is that of a request: the compiler of actions refuses both alone.
    properties: {
      ...action.properties,
      when: { ...when, dependencies: { channel: ['becomes'], body: ['workflow'], workflow: ofRequests } },
    },
    allOf: builtInHandlers.map((handler) => ofHandler(handler, settings)),
  };
}

/** Of a request nothing else can be asked. */
const ofRequests = {
  properties: Object.fromEntries(
    Object.keys(actionSchema.properties.when.properties)
      .filter((name) => !['workflow', 'source', 'body'].includes(name))
      .map((name) => [name, false]),
  ),
};

function ofHandler(handler: Handler, settings: readonly Setting[]): SchemaObject {
  const params = describeSettings(asWritten(plain(handler.params)), handler.name, settings);
  return {
    if: { properties: { run: { const: handler.name } }, required: ['run'] },
    then: {
      properties: {
        with: handler.name === 'esputnik-request' ? { ...params, allOf: platformCalls() } : params,
        ...(!handler.group && { group: false }),
      },
      ...(params.required && { required: ['with'] }),
    },
  };
}

/** Each call of the platform has parameters of its own. */
function platformCalls(): SchemaObject[] {
  const all = new Set(Object.values(paramsOf).flatMap(({ needs, takes }) => [...needs, ...takes]));
  return Object.entries(paramsOf).map(([call, { needs, takes }]) => {
    const foreign = [...all].filter((name) => ![...needs, ...takes].includes(name));
    const refused: Record<string, JsonSchema> = Object.fromEntries(foreign.map((name) => [name, false]));
    return {
      if: { properties: { call: { const: call } }, required: ['call'] },
      then: { ...(needs.length > 0 && { required: needs }), properties: refused },
    };
  });
}
