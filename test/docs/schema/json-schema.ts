/** As much of a JSON Schema (draft 7, which editors know best) as is made here. */
export type JsonSchema = boolean | SchemaObject;

export interface SchemaObject {
  type?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  pattern?: string;
  format?: string;
  required?: readonly string[];
  properties?: Readonly<Record<string, JsonSchema>>;
  patternProperties?: Readonly<Record<string, JsonSchema>>;
  additionalProperties?: JsonSchema;
  items?: JsonSchema;
  anyOf?: readonly JsonSchema[];
  allOf?: readonly JsonSchema[];
  if?: JsonSchema;
  then?: JsonSchema;
  [keyword: string]: unknown;
}

/** A schema as JSON writes it: without the symbols of its maker and what is undefined. */
export const plain = (schema: object): SchemaObject => JSON.parse(JSON.stringify(schema)) as SchemaObject;

const mapValues = (schemas: Readonly<Record<string, JsonSchema>>, change: (schema: JsonSchema) => JsonSchema) =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, change(schema)]));

/** A copy in which `change` was applied to every schema inside and, last, to itself. */
export function transform(schema: JsonSchema, change: (schema: SchemaObject) => SchemaObject): JsonSchema {
  if (typeof schema === 'boolean') return schema;
  const inside = (part: JsonSchema) => transform(part, change);
  const { properties, patternProperties, additionalProperties, items, anyOf } = schema;
  return change({
    ...schema,
    ...(properties && { properties: mapValues(properties, inside) }),
    ...(patternProperties && { patternProperties: mapValues(patternProperties, inside) }),
    ...(additionalProperties !== undefined && { additionalProperties: inside(additionalProperties) }),
    ...(items !== undefined && { items: inside(items) }),
    ...(anyOf && { anyOf: anyOf.map(inside) }),
  });
}
