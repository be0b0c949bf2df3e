/** What a handler is: the one extension point. One file in this folder, one line in `index.ts`, one test. */
import type { Static, TObject } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import { messageOf, type Logger } from '@vidhuk/shared';
import type { ErrorObject } from 'ajv';
import { closest, distance } from 'fastest-levenshtein';
import type { Activity } from '../activity/activity.js';
import type { HttpClient } from './http-client.js';

/** A row of `contact_status` as JSON: its columns, times in ISO 8601, UTC. */
export type ContactSnapshot = Readonly<Record<string, unknown>>;

/** One activity that an action matched, with the contact as it was when the follow-up was planned. */
export interface HandlerActivity extends Omit<Activity, 'occurredAt' | 'position'> {
  /** Id of the row in `follow_up`. */
  followUpId: string;
  /** ISO 8601, UTC. */
  occurredAt: string;
  /** null for anonymous activities. */
  contact: ContactSnapshot | null;
  /** The contact before the batch that turned its flag; only for actions with `becomes`, and null for a contact that was new. */
  previous: ContactSnapshot | null;
}

/** A request of the block "Webhook" of a workflow that an action matched. What it shares with an activity has the same names. */
export interface HandlerRequest {
  type: 'workflow';
  /** Id of the row in `follow_up`. */
  followUpId: string;
  /** Id of the request. */
  key: string;
  source: string;
  hook: string;
  /** When it was received; ISO 8601, UTC. */
  occurredAt: string;
  method: 'GET' | 'POST';
  /** By name; a name that came several times has a list. */
  query: Readonly<Record<string, string | string[]>>;
  contentType: string | null;
  /** The value of a JSON body, the fields of a form, any other text; null where it is none, or larger than 64 KB. */
  body: unknown;
  /** Of the contact that the request names; null where nobody is known by what it says. */
  contactId: number | null;
  externalCustomerId: string | null;
  email: string | null;
  phone: string | null;
  workflowInstanceId: string | null;
  /** As it was when the follow-up was planned; null for a contact that nobody knows. */
  contact: ContactSnapshot | null;
  previous: null;
}

/** What a handler is called for. Of one action all are of one kind. */
export type HandlerSubject = HandlerActivity | HandlerRequest;

export const isRequest = (subject: object): subject is HandlerRequest => 'type' in subject && subject.type === 'workflow';

export interface Database {
  query<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

export interface HandlerContext {
  /** Name of the action. */
  action: string;
  /** Of the first activity; in a group every activity has its own. */
  contact: ContactSnapshot | null;
  previous: ContactSnapshot | null;
  /** The same on every attempt for the same activities: hand it to whoever can drop repeats. */
  idempotencyKey: string;
  /** From 1. */
  attempt: number;
  /** Aborts at the action's `timeoutMs` and when the process stops. */
  signal: AbortSignal;
  log: Logger;
  /** Refuses addresses inside your network unless the action allows them. */
  http: HttpClient;
  /** For a handler with `transaction`, the transaction that also marks the rows done; else any connection. */
  db: Database;
  /** In a group: only this activity is tried again (or never, for a PermanentError); the others are done. */
  fail(activity: HandlerSubject, error: Error): void;
}

/** How an action uses its handler, known at boot. */
export interface HandlerUse {
  /** The action has `group`: several activities may come in one call. */
  grouped: boolean;
  /** What it comes with: activities (the default), or requests of the workflow block. */
  subject?: 'activity' | 'workflow';
}

/** What `run` gets: the context of the call, and how the action uses its handler. */
export type RunContext = HandlerContext & HandlerUse;

interface Definition<Params extends TObject> {
  /** As in `run:` of an action; the same as the file's name. */
  name: string;
  /** One sentence for `vidhuk actions list`. */
  description: string;
  /** Schema of `with:`. What it does not name is refused, unless it says `additionalProperties` itself. */
  params: Params;
  /** Takes several activities in one call: allows `group:` in an action. */
  group?: boolean;
  /** Runs inside the transaction that marks the rows done: exactly once, for effects in this database. */
  transaction?: boolean;
  /** Checks beyond the schema, at boot: each problem in words. */
  check?(params: Static<Params>, use: HandlerUse): string[];
  /**
   * Does it. Returning means done; throwing `PermanentError` never again, `RetryLater(ms)` again after that time, anything else again with
   * backoff. The parameters are the same object in every call of an action.
   */
  run(activities: readonly HandlerSubject[], params: Static<Params>, ctx: RunContext): Promise<void>;
}

/** The parameter that opens one's own network, of the handlers that call by HTTP. */
export const privateNetwork = 'allowPrivateNetwork';

/** A handler whose parameters were checked. */
export type Run = (activities: readonly HandlerSubject[], ctx: HandlerContext) => Promise<void>;

/** A handler as the rest of the program sees it: its parameters' type stays inside. */
export interface Handler {
  readonly name: string;
  readonly description: string;
  readonly group: boolean;
  readonly transaction: boolean;
  readonly params: TObject;
  /** Checks the parameters of one action and binds them; gives the problems, in words, where there are any. */
  bind(params: unknown, use?: HandlerUse): { run: Run } | { problems: string[] };
}

/** Throws when the definition is not one: handlers outside of the repository are JavaScript, which no compiler has seen. */
export function defineHandler<Params extends TObject>(definition: Definition<Params>): Handler {
  assertDefinition({ ...definition });
  const { name, description, params, group = false, transaction = false } = definition;
  const validate = new Ajv({ allErrors: true, useDefaults: true, strict: true, allowUnionTypes: true, verbose: true }).compile<
    Static<Params>
  >({ additionalProperties: false, ...params });
  return {
    name,
    description,
    group,
    transaction,
    params,
    bind(given, use = { grouped: false }) {
      const values: unknown = structuredClone(given);
      if (!validate(values)) return { problems: (validate.errors ?? []).map((error) => describe(error, name)) };
      const problems = findProblems(definition, values, use);
      return problems.length > 0
        ? { problems }
        : { run: (activities, ctx) => definition.run(activities, values, { ...ctx, ...use }) };
    },
  };
}

function findProblems<Params extends TObject>(definition: Definition<Params>, values: Static<Params>, use: HandlerUse): string[] {
  const itsCheck = `with: the check of its handler "${definition.name}"`;
  try {
    const problems: unknown = definition.check?.(values, use) ?? [];
    return isTexts(problems) ? problems : [`${itsCheck} gave no list of texts`];
  } catch (error) {
    return [`${itsCheck} failed: ${messageOf(error)}`];
  }
}

const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((item) => typeof item === 'string');

function assertDefinition({ name, description, params, check, run }: Record<string, unknown>): void {
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9-]*$/.test(name))
    throw new TypeError('a handler\'s "name" is in lower case with hyphens');
  if (typeof description !== 'string') throw new TypeError(`the handler "${name}" has no "description"`);
  if (typeof params !== 'object' || params === null)
    throw new TypeError(`the handler "${name}" has no "params", a schema made with Type.Object`);
  if (check !== undefined && typeof check !== 'function')
    throw new TypeError(`the handler "${name}" has a "check" that is no function`);
  if (typeof run !== 'function') throw new TypeError(`the handler "${name}" has no function "run"`);
}

function describe(error: ErrorObject, handler: string): string {
  const at = error.instancePath.slice(1).replaceAll('/', '.');
  const place = at === '' ? 'with' : `with.${at}`;
  if (error.keyword !== 'additionalProperties') return `${place}: ${error.message ?? 'is not valid'}`;
  const unknown = String(error.params.additionalProperty);
  const known = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {});
  return `${place}: unknown parameter "${unknown}": ${hintFor(unknown, known, handler)}`;
}

function hintFor(unknown: string, known: readonly string[], handler: string): string {
  if (unknown === privateNetwork)
    return `the handler "${handler}" does not take it; one of your own passes "${privateNetwork}: true" to http.request`;
  if (known.length === 0) return 'nothing is known here';
  const near = closest(unknown, known);
  return distance(unknown, near) <= 3 ? `did you mean "${near}"?` : `known here: ${known.join(', ')}`;
}
