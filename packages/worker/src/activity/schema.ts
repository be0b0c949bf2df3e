/** The element of a webhook as the sender writes it: the vendor's table of fields, corrected by the vendor's own samples. */
import { Type, type Static } from '@sinclair/typebox';
import { Ajv, type ErrorObject } from 'ajv';

const optional = <T extends ReturnType<typeof Type.String | typeof Type.Integer | typeof Type.Boolean>>(type: T) =>
  Type.Optional(Type.Union([type, Type.Null()]));
const text = () => optional(Type.String());
/** Looked up by index: a btree entry holds 2,704 bytes at most, and a character takes up to 4 (PostgreSQL, nbtree). */
const indexedText = () => optional(Type.String({ maxLength: 500 }));
/** JSON.parse rounds larger numbers silently (ECMA-262, Number.MAX_SAFE_INTEGER), so they cannot be trusted to be the id that was sent. */
const id = () => optional(Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }));

/** Unknown keys and unknown statuses are allowed: the set grows. An absent key may also be sent as null. */
export const wireActivitySchema = Type.Object({
  activityDateTime: Type.String(),
  activityStatus: Type.String({ minLength: 1, maxLength: 100 }),
  iid: text(),
  contactId: id(),
  externalCustomerId: indexedText(),
  email: indexedText(),
  sms: indexedText(),
  viber: indexedText(),
  webpush: text(),
  mobilepush: text(),
  mediaType: optional(Type.String({ maxLength: 100 })),
  hardBounce: optional(Type.Boolean()),
  statusDescription: text(),
  messageId: id(),
  messageInstanceId: id(),
  messageName: text(),
  messageTag: text(),
  broadcastId: id(),
  workflowId: id(),
  workflowInstanceId: text(),
  workflowBlockId: text(),
  sourceEventId: id(),
  sourceEventKey: text(),
  sourceEventTypeId: id(),
  sourceEventTypeKey: text(),
  clickEventLink: text(),
  viewMessageLink: text(),
});

export type WireActivity = Static<typeof wireActivitySchema>;

export const isWireActivity = new Ajv({ strict: true, allowUnionTypes: true }).compile<WireActivity>(wireActivitySchema);

/** What is wrong, with the field's name, for people. */
export function describeFieldErrors(errors: readonly ErrorObject[] | null | undefined): string {
  // Of a union's errors the first branch's says more than "must be null" and "must match a schema in anyOf".
  const [error] = errors ?? [];
  if (error === undefined) return 'is not valid';
  if (error.keyword === 'required') return `${String(error.params.missingProperty)}: is missing`;
  const field = error.instancePath.slice(1);
  if (error.keyword === 'maximum' || error.keyword === 'minimum') return `${field}: is beyond 2^53, where numbers lose digits`;
  return `${field}: ${error.message ?? 'is not valid'}`;
}
