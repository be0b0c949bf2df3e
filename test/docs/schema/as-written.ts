/** From what the code checks to what people write: defaults are not there yet, and `${NAME}` stands for a value. */
import { transform, type JsonSchema, type SchemaObject } from './json-schema.js';

/** A text in which an environment variable stands. */
export const reference = { type: 'string', pattern: '\\$\\{[^{}\\n]*\\}' } as const;

/** What has a default may be left out. */
function withoutDefaults(schema: SchemaObject): SchemaObject {
  const { required, ...rest } = schema;
  if (required === undefined) return schema;
  const needed = required.filter((name) => {
    const property = schema.properties?.[name];
    return typeof property !== 'object' || property.default === undefined;
  });
  return needed.length > 0 ? { ...rest, required: needed } : rest;
}

/** A text that must look in a certain way may be the name of a variable that holds it. */
function withReferences(schema: SchemaObject): SchemaObject {
  if (schema.anyOf) return asAlternatives(schema);
  if (schema.type !== 'string' || (schema.pattern ?? schema.const) === undefined || schema.pattern === reference.pattern)
    return schema;
  const { description, default: fallback, ...form } = schema;
  return {
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
    anyOf: [form, reference],
  };
}

/** One list of alternatives instead of lists in a list, with the variable once, at its end. */
function asAlternatives(schema: SchemaObject): SchemaObject {
  const all = (schema.anyOf ?? []).flatMap((part) => (typeof part === 'object' && isAnyOf(part) ? part.anyOf : [part]));
  const isReference = (part: JsonSchema) => typeof part === 'object' && part.pattern === reference.pattern;
  return { ...schema, anyOf: [...all.filter((part) => !isReference(part)), ...(all.some(isReference) ? [reference] : [])] };
}

const isAnyOf = (schema: SchemaObject): schema is SchemaObject & { anyOf: readonly JsonSchema[] } =>
  schema.anyOf !== undefined && Object.keys(schema).length === 1;

/** Which formats there are is known to the program only. */
function withoutFormats({ format, ...schema }: SchemaObject): SchemaObject {
  return format === undefined ? schema : { ...schema, minLength: 1 };
}

/** The schema for the file as people write it. */
export const asWritten = (schema: SchemaObject): SchemaObject =>
  transform(schema, (part) => withReferences(withoutFormats(withoutDefaults(part)))) as SchemaObject;
