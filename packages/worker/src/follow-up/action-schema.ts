/** The `actions` list of the configuration, as ops write it. */
import { Type, type Static } from '@sinclair/typebox';
import { describedDuration, durationSchema } from './duration.js';

// The descriptions complete the sentence "must be …" when a value is none of these.
const oneOrMore = <T extends ReturnType<typeof Type.String | typeof Type.Integer>>(type: T, description: string) =>
  Type.Optional(Type.Union([type, Type.Array(type, { minItems: 1 })], { description }));
const text = () => oneOrMore(Type.String({ minLength: 1 }), 'a text or a list of texts');
const id = () => oneOrMore(Type.Integer(), 'a whole number or a list of whole numbers');

const scalar = Type.Unsafe<string | number | boolean>({ type: ['string', 'number', 'boolean'] });
const strict = { additionalProperties: false };
/** By JSON path: what stands there must be this, or one of these, or be there at all. */
const bodySchema = Type.Record(
  Type.String({ minLength: 1 }),
  Type.Union(
    [
      scalar,
      Type.Array(scalar, { minItems: 1 }),
      Type.Object({ equals: scalar }, strict),
      Type.Object({ in: Type.Array(scalar, { minItems: 1 }) }, strict),
      Type.Object({ exists: Type.Boolean() }, strict),
    ],
    { description: 'a value, a list of values, {equals: value}, {in: [values]} or {exists: true or false}' },
  ),
);

const conditions = {
  status: text(),
  mediaType: text(),
  source: text(),
  messageTag: text(),
  broadcastId: id(),
  workflowId: id(),
  messageId: id(),
  hardBounce: Type.Optional(Type.Boolean()),
  /** What follows the @ of an e-mail address. */
  addressDomain: text(),
};

/** Each one value or a list of which one must hold; all that are named must hold; none of what stands under `not`. */
const conditionSchema = Type.Object(
  {
    ...conditions,
    not: Type.Optional(Type.Object(conditions, { additionalProperties: false })),
    becomes: Type.Optional(
      Type.Union([Type.Literal('blacklisted'), Type.Literal('unsubscribed'), Type.Literal('reachable')], {
        description: 'one of blacklisted, unsubscribed, reachable',
      }),
    ),
    /** Not what had happened longer ago when its batch was received; see `max-age.ts`. */
    maxAge: Type.Optional(durationSchema),
    /** With `becomes`: the channel's flag instead of the contact's. */
    channel: Type.Optional(Type.Boolean()),
    /** Requests of the workflow block instead of activities: of these hooks. Beside it only `source` and `body`. */
    workflow: text(),
    /** With `workflow`: what the body says. */
    body: Type.Optional(bodySchema),
  },
  { additionalProperties: false },
);

/** ms. Far above need, and far below where timers (2^31 ms) and PostgreSQL's times end. */
const dayMs = 86_400_000;
const yearMs = 366 * dayMs;
/** Of anything that is counted; PostgreSQL's integer holds it. */
const many = 1_000_000;

export const actionSchema = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z0-9][a-z0-9_-]{0,62}$' }),
    /** Called when a person is erased, instead of for activities: then `when` may name sources only. */
    on: Type.Optional(Type.Literal('erase')),
    when: conditionSchema,
    run: Type.String({ minLength: 1 }),
    with: Type.Optional(Type.Object({})),
    /** Of one call, in all. */
    timeoutMs: Type.Integer({ minimum: 1, maximum: 600_000, default: 15_000 }),
    retry: Type.Object(
      {
        /** With the longest pause of six hours, 30 go on for four to five days; for two at the very least, see `outcome.ts`. */
        attempts: Type.Integer({ minimum: 1, maximum: many, default: 30 }),
        maxDelay: Type.Union(durationSchema.anyOf, { ...describedDuration, default: '6h' }),
      },
      { additionalProperties: false, default: {} },
    ),
    /** Calls at once, per worker process. */
    concurrency: Type.Integer({ minimum: 1, maximum: 1_000, default: 10 }),
    /** Of all workers together. */
    rateLimit: Type.Optional(
      Type.Object(
        { max: Type.Integer({ minimum: 1, maximum: many }), perMs: Type.Integer({ minimum: 1, maximum: dayMs }) },
        { additionalProperties: false },
      ),
    ),
    /** One call for up to `max` activities; the first waits `withinMs` at most for the others. */
    group: Type.Optional(
      Type.Object(
        {
          max: Type.Integer({ minimum: 1, maximum: 10_000 }),
          withinMs: Type.Integer({ minimum: 0, maximum: dayMs, default: 1_000 }),
        },
        { additionalProperties: false },
      ),
    ),
    /** A guard against loops: more than `count` for one contact within `perMs` are held back, and recorded. */
    maxPerContact: Type.Optional(
      Type.Object(
        { count: Type.Integer({ minimum: 1, maximum: many }), perMs: Type.Integer({ minimum: 1, maximum: yearMs }) },
        { additionalProperties: false },
      ),
    ),
    /** false: matching rows are planned and kept, nothing is called. */
    enabled: Type.Boolean({ default: true }),
    /** true: rows are recorded with all that would have been handed over, nothing is called. */
    dryRun: Type.Boolean({ default: false }),
  },
  { additionalProperties: false },
);

export type ActionSettings = Static<typeof actionSchema>;
export type ConditionSettings = Static<typeof conditionSchema>;
export type BodySettings = NonNullable<ConditionSettings['body']>;
