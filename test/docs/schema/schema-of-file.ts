/** The JSON Schema of vidhuk.yaml: what the program checks, and what docs/configuration.md says of each setting. */
import { configurationSchema } from '../../../packages/shared/src/index.js';
import { builtInHandlers } from '../../../packages/worker/src/handlers/index.js';
import { schemaOfAction } from './action-schema.js';
import { asWritten, reference } from './as-written.js';
import { describeSettings } from './describe-settings.js';
import { plain, type SchemaObject } from './json-schema.js';
import type { Setting } from './read-settings.js';

export function schemaOfFile(settings: readonly Setting[]): SchemaObject {
  const file = describeSettings(asWritten(plain(configurationSchema)), '', settings);
  const section = (name: string) => file.properties?.[name] as SchemaObject;
  const described = ['queue', 'ingress', 'worker'].map(
    (name) => [name, describeSettings(section(name), name, settings)] as const,
  );
  const source = describeSettings(section('sources').additionalProperties as SchemaObject, 'sources', settings);
  const workflows = source.properties?.workflows as SchemaObject;
  const hook = describeSettings(workflows.additionalProperties as SchemaObject, 'workflows', settings);
  const sourceWithHooks = {
    ...source,
    properties: { ...source.properties, workflows: { ...workflows, additionalProperties: hook } },
  };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'vidhuk.yaml',
    ...file,
    properties: {
      ...file.properties,
      ...Object.fromEntries(described),
      sources: { ...section('sources'), additionalProperties: sourceWithHooks },
      actions: { ...section('actions'), items: schemaOfAction(settings) },
    },
    // Without handlers of one's own there are those of Vidhuk.
    if: { not: { properties: { handlers: { type: 'array', minItems: 1 } }, required: ['handlers'] } },
    then: { properties: { actions: { items: { properties: { run: builtIn } } } } },
  };
}

const builtIn: SchemaObject = { anyOf: [{ enum: builtInHandlers.map(({ name }) => name) }, reference] };
