/** What the documentation says of a setting, at its place in the schema. */
import type { JsonSchema, SchemaObject } from './json-schema.js';
import type { Setting } from './read-settings.js';

/** A copy of the schema of one section, described by the rows of its table. */
export function describeSettings(schema: SchemaObject, section: string, settings: readonly Setting[]): SchemaObject {
  const meanings = new Map(settings.filter((setting) => setting.section === section).map(({ name, meaning }) => [name, meaning]));
  return describe(schema, '', meanings);
}

function describe(schema: SchemaObject, prefix: string, meanings: ReadonlyMap<string, string>): SchemaObject {
  if (schema.properties === undefined) return schema;
  const described = ([name, property]: [string, JsonSchema]): [string, JsonSchema] => {
    if (typeof property === 'boolean') return [name, property];
    const description = meanings.get(`${prefix}${name}`);
    // Under "not" stand the same conditions once more.
    const inside = describe(property, name === 'not' ? '' : `${prefix}${name}.`, meanings);
    return [name, description === undefined ? inside : { ...inside, description }];
  };
  return { ...schema, properties: Object.fromEntries(Object.entries(schema.properties).map(described)) };
}
