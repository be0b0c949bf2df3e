/** Whether an activity is one that an action waits for. Pure. */
import { toMs } from '@vidhuk/shared';
import type { Activity } from '../activity/activity.js';
import { normaliseMediaType, normaliseStatus } from '../activity/normalise.js';
import { movedColumns, type TimeColumn } from '../projection/rules.js';
import type { ConditionSettings } from './action-schema.js';
import { compileRequestCondition, type RequestCondition } from './request-condition.js';

export type Turn = 'blacklisted' | 'unsubscribed' | 'reachable';

/** A compiled `when`. */
export interface Condition {
  matches(activity: Activity): boolean;
  /** Why it does not match, each condition that fails by its name; with `becomes`, also why it can turn nothing. Empty when it may be called for it. */
  mismatches(activity: Activity): string[];
  /** Fires only when this flag of the contact (or of the activity's channel) turns. */
  becomes: { turn: Turn; channel: boolean } | null;
  /** ms; null: as usual, see `max-age.ts`. */
  maxAgeMs: number | null;
  /** Of an action that waits for requests of the workflow block: then it matches no activity. null: it waits for activities. */
  request: RequestCondition | null;
  /** Of an action with `on: erase`: whether it is called for people of this source, and then it matches no activity. null: it waits for something else. */
  erasure: ((source: string) => boolean) | null;
}

export interface Flags {
  blacklisted: boolean;
  unsubscribed: boolean;
}

/** What an activity must move to be one that turned the flag, and not one that happened to come in the same batch. */
export const causes: Readonly<Record<Turn, readonly TimeColumn[]>> = {
  blacklisted: ['blacklisted_at'],
  unsubscribed: ['unsubscribed_at', 'spam_reported_at', 'opted_out_at'],
  reachable: ['last_delivered_at', 'resubscribed_at'],
};

/** Whether the activity is of a kind that may turn the flag; anonymous ones have none. */
export const mayTurn = (turn: Turn, activity: Activity): boolean =>
  activity.contactId !== null && movedColumns(activity).some((column) => causes[turn].includes(column));

interface Test {
  /** As in `when`. */
  name: string;
  /** Normalised. */
  accepted: readonly unknown[];
  /** What it looks at. */
  read: (activity: Activity) => readonly unknown[];
  holds: (activity: Activity) => boolean;
}

/** A test for each condition that is named. */
function testsOf(conditions: Omit<ConditionSettings, 'not' | 'becomes' | 'channel' | 'maxAge' | 'workflow' | 'body'>): Test[] {
  const tests: Test[] = [];
  const oneOf = <T>(
    name: string,
    accepted: T | T[] | undefined,
    read: (activity: Activity) => readonly (T | null)[],
    normalise: (value: T) => T = (value) => value,
  ) => {
    if (accepted === undefined) return;
    const set = new Set<T | null>([accepted].flat().map((value) => normalise(value as T)));
    tests.push({ name, accepted: [...set], read, holds: (activity) => read(activity).some((value) => set.has(value)) });
  };
  oneOf('status', conditions.status, (a) => [a.status], normaliseStatus);
  oneOf('mediaType', conditions.mediaType, (a) => [a.mediaType], normaliseMediaType);
  oneOf('source', conditions.source, (a) => [a.source]);
  oneOf('messageTag', conditions.messageTag, (a) => a.messageTags);
  oneOf('broadcastId', conditions.broadcastId, (a) => [a.broadcastId]);
  oneOf('workflowId', conditions.workflowId, (a) => [a.workflowId]);
  oneOf('messageId', conditions.messageId, (a) => [a.messageId]);
  oneOf('hardBounce', conditions.hardBounce, (a) => [a.hardBounce]);
  oneOf(
    'addressDomain',
    conditions.addressDomain,
    (a) => [domainOf(a)],
    (domain) => domain.toLowerCase(),
  );
  return tests;
}

const domainOf = ({ address, email }: Activity): string | null =>
  /@([^@]+)$/.exec(address ?? email ?? '')?.[1]?.toLowerCase() ?? null;

export function compileCondition(settings: ConditionSettings, on?: 'erase'): Condition {
  if (on === 'erase') return ofErasures(settings);
  return settings.workflow === undefined ? ofActivities(settings) : ofRequests(settings);
}

/** Nothing that comes in can be taken for an erasure. */
function ofErasures({ source }: ConditionSettings): Condition {
  const sources = source === undefined ? null : [source].flat();
  return {
    matches: () => false,
    mismatches: () => ['"on: erase" waits for people who are erased, and this is an activity'],
    becomes: null,
    maxAgeMs: null,
    request: null,
    erasure: (name) => sources?.includes(name) ?? true,
  };
}

const ofRequests = (settings: ConditionSettings): Condition => ({
  matches: () => false,
  mismatches: () => ['when.workflow waits for requests of the workflow block, and this is an activity'],
  becomes: null,
  maxAgeMs: null,
  request: compileRequestCondition(settings).condition,
  erasure: null,
});

function ofActivities({ not, becomes, channel = false, maxAge, ...conditions }: ConditionSettings): Condition {
  const wanted = testsOf(conditions);
  const unwanted = testsOf(not ?? {});
  return {
    matches: (activity) => wanted.every(({ holds }) => holds(activity)) && !unwanted.some(({ holds }) => holds(activity)),
    mismatches: (activity) => [
      ...wanted
        .filter(({ holds }) => !holds(activity))
        .map((test) => `when.${test.name} wants ${inWords(test.accepted, 'or')}, and it has ${found(test, activity)}`),
      ...unwanted
        .filter(({ holds }) => holds(activity))
        .map((test) => `when.not.${test.name} leaves out ${inWords(test.accepted, 'and')}, and it has ${found(test, activity)}`),
      ...(becomes === undefined || mayTurn(becomes, activity)
        ? []
        : [`when.becomes waits for a contact to become ${becomes}, and no activity like this one makes it so`]),
    ],
    becomes: becomes === undefined ? null : { turn: becomes, channel },
    maxAgeMs: maxAge === undefined ? null : toMs(maxAge),
    request: null,
    erasure: null,
  };
}

const inWords = (values: readonly unknown[], last: 'and' | 'or'): string =>
  new Intl.ListFormat('en', { type: last === 'or' ? 'disjunction' : 'conjunction' }).format(values.map(String));

const found = ({ read }: Test, activity: Activity): string => {
  const values = read(activity).filter((value) => value !== null);
  return values.length === 0 ? 'none' : inWords(values, 'and');
};

const isSo = (turn: Turn, flags: Flags): boolean =>
  turn === 'reachable' ? !flags.blacklisted && !flags.unsubscribed : flags[turn];

/** Whether the flag turned to what `turn` names. Whom nobody knew before was reachable. */
export function turned(turn: Turn, before: Flags | undefined, after: Flags): boolean {
  return isSo(turn, after) && !isSo(turn, before ?? { blacklisted: false, unsubscribed: false });
}
