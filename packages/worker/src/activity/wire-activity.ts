/**
 * The element of a webhook as the sender writes it: the vendor's table of fields, corrected by the vendor's own samples. Only what Vidhuk reads is
 * looked at, so nothing else can refuse an element; and where another type than the table's has one meaning, it is understood.
 */
import { Type, type Static } from '@sinclair/typebox';
import { Ajv, type ErrorObject } from 'ajv';

const optional = <T extends ReturnType<typeof Type.String | typeof Type.Integer | typeof Type.Boolean>>(type: T) =>
  Type.Optional(Type.Union([type, Type.Null()]));
const text = () => optional(Type.String());
/** Looked up by index: a btree entry holds 2,704 bytes at most, and a character takes up to 4 (PostgreSQL, nbtree). */
const indexedText = () => optional(Type.String({ maxLength: 500 }));
/** JSON.parse rounds larger numbers silently (ECMA-262, Number.MAX_SAFE_INTEGER), so they cannot be trusted to be the id that was sent. */
const id = () => optional(Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }));

/** An absent key may also be sent as null. */
const wireActivitySchema = Type.Object({
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
  clickEventLink: text(),
});

const isText = ({ type, anyOf }: { type?: string; anyOf?: readonly { type?: string }[] }): boolean =>
  type === 'string' || (anyOf?.some((each) => each.type === 'string') ?? false);
/** Fields whose value is a text. */
export const textFields: ReadonlySet<string> = new Set(
  Object.entries(wireActivitySchema.properties).flatMap(([name, schema]) => (isText(schema) ? [name] : [])),
);

export type WireActivity = Static<typeof wireActivitySchema>;

const isWireActivity = new Ajv({ strict: true, allowUnionTypes: true }).compile<WireActivity>(wireActivitySchema);

/** A number where a text belongs is that text: a phone number or an id of your own system, written without quotes. */
const asText = (value: unknown): unknown => (typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value);
/** Digits in quotes where a number belongs are that number; nothing between quotes is nothing. */
export const asId = (value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  const digits = value.trim();
  if (digits === '') return null;
  return /^-?\d{1,17}$/.test(digits) ? Number(digits) : value;
};
/** As a word, or as 1 and 0, in quotes or not. */
export const asBoolean = (value: unknown): unknown => {
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  const word = String(value).trim().toLowerCase();
  if (word === '') return null;
  if (word === 'true' || word === '1') return true;
  return word === 'false' || word === '0' ? false : value;
};
/** The vendor joins tags with commas. */
const asTags = (value: unknown): unknown => {
  if (!Array.isArray(value)) return asText(value);
  const tags = value.map(asText);
  return tags.every((tag) => typeof tag === 'string') ? tags.join(',') : value;
};

/** The fields that are read, in the types of the schema, or what is wrong with one of them, with its name, for people. */
export function readWireActivity(element: Readonly<Record<string, unknown>>): WireActivity | string {
  const wire: Record<keyof WireActivity, unknown> = {
    activityDateTime: element.activityDateTime,
    activityStatus: element.activityStatus,
    iid: asText(element.iid),
    contactId: asId(element.contactId),
    externalCustomerId: asText(element.externalCustomerId),
    email: asText(element.email),
    sms: asText(element.sms),
    viber: asText(element.viber),
    webpush: asText(element.webpush),
    mobilepush: asText(element.mobilepush),
    mediaType: element.mediaType,
    hardBounce: asBoolean(element.hardBounce),
    statusDescription: asText(element.statusDescription),
    messageId: asId(element.messageId),
    messageInstanceId: asId(element.messageInstanceId),
    messageName: asText(element.messageName),
    messageTag: asTags(element.messageTag),
    broadcastId: asId(element.broadcastId),
    workflowId: asId(element.workflowId),
    clickEventLink: asText(element.clickEventLink),
  };
  return isWireActivity(wire) ? wire : describeFieldErrors(isWireActivity.errors);
}

function describeFieldErrors(errors: readonly ErrorObject[] | null | undefined): string {
  // Of a union's errors the first branch's says more than "must be null" and "must match a schema in anyOf".
  const [error] = errors ?? [];
  if (error === undefined) return 'is not valid';
  if (error.keyword === 'required') return `${String(error.params.missingProperty)}: is missing`;
  const field = error.instancePath.slice(1);
  if (error.keyword === 'maximum' || error.keyword === 'minimum') return `${field}: is beyond 2^53, where numbers lose digits`;
  return `${field}: ${error.message ?? 'is not valid'}`;
}
