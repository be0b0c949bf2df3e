/** The platform's calls that a follow-up may make: for each its parameters, how many contacts one call takes, and its request. */
import { PermanentError } from '@vidhuk/shared';
import type { HandlerSubject, HandlerUse } from '../handler.js';
import { payloadOf } from '../payload.js';
import { compileText, compileValue } from '../templates/template.js';

export const callNames = [
  'unsubscribe',
  'resubscribe',
  'set-subscriptions',
  'event',
  'attach-to-group',
  'detach-from-group',
] as const;
type CallName = (typeof callNames)[number];

/** Of all calls together; `needs` and `takes` say which belong to which. */
export interface CallParams {
  call: CallName;
  subscriptions?: string[];
  eventTypeKey?: string;
  keyValue?: string;
  params?: { name: string; value: unknown }[];
  groupId?: number;
}

interface PlatformRequest {
  method: 'POST' | 'PUT';
  /** Below the API's base URL. */
  path: string;
  body: unknown;
}

export interface PlatformCall {
  /** Activities that fit into one request. */
  max: number;
  /** What this activity adds to the request. Throws `PermanentError` when it lacks what the call needs. */
  item(activity: HandlerSubject, action: string): unknown;
  /** Of at least one item. */
  request(items: readonly unknown[]): PlatformRequest;
}

/** The API's limit for contacts of one call; for addresses none is documented. */
const maxPerCall = 500;
/** Bytes of an event, as documented. */
const maxEventBytes = 20 * 1024;

type OwnParam = Exclude<keyof CallParams, 'call'>;
/** What each call must have, and what it may have. */
export const paramsOf: Readonly<Record<CallName, { needs: OwnParam[]; takes: OwnParam[] }>> = {
  unsubscribe: { needs: [], takes: [] },
  resubscribe: { needs: [], takes: [] },
  'set-subscriptions': { needs: ['subscriptions'], takes: [] },
  event: { needs: ['eventTypeKey'], takes: ['keyValue', 'params'] },
  'attach-to-group': { needs: ['groupId'], takes: [] },
  'detach-from-group': { needs: ['groupId'], takes: [] },
};

/** Compiles the parameters of one call for activities or requests, or tells what is wrong with them. */
export function compileCall(params: CallParams, subject: Subject = 'activity'): PlatformCall | string[] {
  const { needs, takes } = paramsOf[params.call];
  const given = (['subscriptions', 'eventTypeKey', 'keyValue', 'params', 'groupId'] as const).filter(
    (name) => params[name] !== undefined,
  );
  const problems = [
    ...needs.filter((name) => !given.includes(name)).map((name) => `with.${name}: "${params.call}" needs it`),
    ...given
      .filter((name) => ![...needs, ...takes].includes(name))
      .map((name) => `with.${name}: "${params.call}" has no such parameter`),
  ];
  if (problems.length > 0) return problems;
  const { subscriptions = [], groupId = 0, eventTypeKey = '' } = params;
  switch (params.call) {
    case 'unsubscribe':
      return emails('v1/emails/unsubscribed/add');
    case 'resubscribe':
      return emails('v1/emails/unsubscribed/delete');
    case 'attach-to-group':
      return contacts(`v1/group/${groupId}/contacts/attach`);
    case 'detach-from-group':
      return contacts(`v1/group/${groupId}/contacts/detach`);
    case 'set-subscriptions':
      return {
        max: 1,
        item: contactIdOf,
        request: ([id]) => ({ method: 'PUT', path: `v1/contact/${String(id)}/subscriptions`, body: { subscriptions } }),
      };
    case 'event':
      return event(eventTypeKey, params, subject);
  }
}

type Subject = NonNullable<HandlerUse['subject']>;
const usualKey: Readonly<Record<Subject, string>> = { activity: '{{ activity.key }}', workflow: '{{ request.id }}' };

function emails(path: string): PlatformCall {
  return { max: maxPerCall, item: emailOf, request: (items) => ({ method: 'POST', path, body: { emails: unique(items) } }) };
}

function contacts(path: string): PlatformCall {
  return {
    max: maxPerCall,
    item: contactIdOf,
    request(items) {
      // Without ids the platform takes a detach for "all": it empties the segment.
      if (items.length === 0) throw new Error('no call is made without contacts');
      return { method: 'POST', path, body: { contactIds: unique(items) } };
    },
  };
}

/**
 * `keyValue` is what the platform tells events apart by: by default the identity of activity or request, so that a repeat is seen as one. The contact is
 * named in the parameters, unless they do so themselves.
 */
function event(eventTypeKey: string, given: CallParams, subject: Subject): PlatformCall | string[] {
  const place = (at: string) => ({ at: `with.${at}`, grouped: false, subject });
  const params = (given.params ?? []).map(({ name, value }, index) => ({
    name,
    value: compileValue(value, place(`params.${index}.value`)),
  }));
  const key = compileText(given.keyValue ?? usualKey[subject], place('keyValue'));
  const problems = [...params.flatMap(({ value }) => value.problems), ...key.problems];
  if (/[<;’\\/|"`'^?!,>]/.test(eventTypeKey) || eventTypeKey.length > 100) {
    problems.push('with.eventTypeKey: at most 100 characters, none of them < ; ’ \\ / | " ` \' ^ ? ! , >');
  }
  if (problems.length > 0) return problems;
  return {
    max: 1,
    item(activity, action) {
      const scope = payloadOf(action, activity);
      const own = params.map(({ name, value }) => ({ name, value: value.render(scope) }));
      const body = { eventTypeKey, keyValue: key.render(scope), params: [...identify(activity, own), ...own] };
      const bytes = Buffer.byteLength(JSON.stringify(body));
      if (bytes > maxEventBytes)
        throw new PermanentError(`the event has ${bytes} bytes, the platform takes ${maxEventBytes} at most`);
      return body;
    },
    request: ([body]) => ({ method: 'POST', path: 'v2/event', body }),
  };
}

function identify({ contactId, externalCustomerId, email, phone }: HandlerSubject, own: readonly { name: string }[]) {
  return Object.entries({ contactId, externalCustomerId, email, phone })
    .filter(([name, value]) => value !== null && !own.some((param) => param.name === name))
    .map(([name, value]) => ({ name, value: String(value) }));
}

function contactIdOf({ contactId }: HandlerSubject): number {
  if (contactId === null) throw new PermanentError('the activity has no contactId');
  return contactId;
}

function emailOf({ email }: HandlerSubject): string {
  if (email === null) throw new PermanentError('the activity has no e-mail address');
  return email;
}

const unique = (items: readonly unknown[]): unknown[] => [...new Set(items)];
