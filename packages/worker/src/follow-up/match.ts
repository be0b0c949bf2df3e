/** Whether an activity is one that an action waits for. Pure. */
import type { Activity } from '../activity/activity.js';
import { normaliseMediaType, normaliseStatus } from '../activity/normalise.js';
import type { ConditionSettings } from './action-schema.js';

export type Turn = 'blacklisted' | 'unsubscribed' | 'reachable';

/** A compiled `when`. */
export interface Condition {
  matches(activity: Activity): boolean;
  /** Fires only when this flag of the contact (or of the activity's channel) turns. */
  becomes: { turn: Turn; channel: boolean } | null;
}

export interface Flags {
  blacklisted: boolean;
  unsubscribed: boolean;
}

type Test = (activity: Activity) => boolean;

/** A test for each condition that is named. */
function testsOf(conditions: Omit<ConditionSettings, 'not' | 'becomes' | 'channel'>): Test[] {
  const tests: Test[] = [];
  const oneOf = <T>(
    accepted: T | T[] | undefined,
    read: (activity: Activity) => readonly (T | null)[],
    normalise: (value: T) => T = (value) => value,
  ) => {
    if (accepted === undefined) return;
    const set = new Set<T | null>([accepted].flat().map((value) => normalise(value as T)));
    tests.push((activity) => read(activity).some((value) => set.has(value)));
  };
  oneOf(conditions.status, (a) => [a.status], normaliseStatus);
  oneOf(conditions.mediaType, (a) => [a.mediaType], normaliseMediaType);
  oneOf(conditions.source, (a) => [a.source]);
  oneOf(conditions.messageTag, (a) => a.messageTags);
  oneOf(conditions.broadcastId, (a) => [a.broadcastId]);
  oneOf(conditions.workflowId, (a) => [a.workflowId]);
  oneOf(conditions.messageId, (a) => [a.messageId]);
  oneOf(conditions.hardBounce, (a) => [a.hardBounce]);
  oneOf(
    conditions.addressDomain,
    (a) => [domainOf(a)],
    (domain) => domain.toLowerCase(),
  );
  return tests;
}

const domainOf = ({ address, email }: Activity): string | null =>
  /@([^@]+)$/.exec(address ?? email ?? '')?.[1]?.toLowerCase() ?? null;

export function compileCondition({ not, becomes, channel = false, ...conditions }: ConditionSettings): Condition {
  const wanted = testsOf(conditions);
  const unwanted = testsOf(not ?? {});
  return {
    matches: (activity) => wanted.every((test) => test(activity)) && !unwanted.some((test) => test(activity)),
    becomes: becomes === undefined ? null : { turn: becomes, channel },
  };
}

const isSo = (turn: Turn, flags: Flags): boolean =>
  turn === 'reachable' ? !flags.blacklisted && !flags.unsubscribed : flags[turn];

/** Whether the flag turned to what `turn` names. Whom nobody knew before was reachable. */
export function turned(turn: Turn, before: Flags | undefined, after: Flags): boolean {
  return isSo(turn, after) && !isSo(turn, before ?? { blacklisted: false, unsubscribed: false });
}
