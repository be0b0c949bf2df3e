/** Elements that must be quarantined: every way of being broken has a name, so that a failed check can say which it was. */
import type { Random } from './random.js';
import type { WireActivity } from './wire-activity.js';

type Replacement = (activity: WireActivity, random: Random) => string;

/** The activity's JSON with one value replaced by the given JSON text; `undefined` leaves the key out, a new key comes last. */
function withValue(activity: WireActivity, key: keyof WireActivity, json: string | undefined): string {
  const rest = JSON.stringify({ ...activity, [key]: undefined });
  return json === undefined ? rest : `${rest.slice(0, -1)},${JSON.stringify(key)}:${json}}`;
}

/** A nesting that `JSON.parse` still takes and a jsonb column does not like; the promised limit is 32. */
const NESTING = 1_000;

const BREAKAGES = {
  'contact-id-beyond-safe-integers': (activity, random) =>
    withValue(activity, 'contactId', `90071992547409${random.integer(93, 99)}`),
  'contact-id-huge': (activity) => withValue(activity, 'contactId', '1e400'),
  'contact-id-text': (activity, random) => withValue(activity, 'contactId', `"no. ${random.integer(1, 999_999)}"`),
  'contact-id-fraction': (activity, random) => withValue(activity, 'contactId', `${random.integer(1, 999_999)}.5`),
  'iid-list': (activity, random) => withValue(activity, 'iid', `[${random.integer(1, 999_999)}]`),
  'email-object': (activity) => withValue(activity, 'email', '{"address":"a@example.com"}'),
  'hard-bounce-text': (activity) => withValue({ ...activity, activityStatus: 'UNDELIVERED' }, 'hardBounce', '"yes"'),
  'message-id-text': (activity) => withValue(activity, 'messageId', '"many"'),
  'nul-in-text': (activity) => withValue(activity, 'messageName', String.raw`"left\u0000right"`),
  'lone-surrogate': (activity) => withValue(activity, 'messageName', String.raw`"half a smile \ud83d"`),
  'date-impossible': (activity, random) =>
    withValue(activity, 'activityDateTime', `"2023-02-30T08:30:${random.integer(10, 59)}"`),
  'date-ambiguous': (activity) => withValue(activity, 'activityDateTime', '"03/04/2023 08:30"'),
  'date-number': (activity, random) =>
    withValue(activity, 'activityDateTime', String(random.integer(1_600_000_000, 1_700_000_000))),
  'date-missing': (activity) => withValue(activity, 'activityDateTime', undefined),
  'status-missing': (activity) => withValue(activity, 'activityStatus', undefined),
  'status-number': (activity) => withValue(activity, 'activityStatus', '7'),
  'nested-too-deep': (activity) => withValue(activity, 'statusData', `${'{"a":'.repeat(NESTING)}1${'}'.repeat(NESTING)}`),
  'not-an-object': (_activity, random) => random.pick(['42', '"DELIVERED"', 'null', 'true', '[]', '[1,2]']),
  /** The whole body is cut off or no JSON at all; always a batch of its own. */
  'body-not-json': (activity, random) =>
    random.pick(['<html>', 'activityStatus=READ', `[${JSON.stringify(activity).slice(0, -7)}`]),
} satisfies Record<string, Replacement>;

/** The name of a way of being broken. */
export type BrokenKind = keyof typeof BREAKAGES;

/** All ways of being broken. */
export const BROKEN_KINDS = Object.keys(BREAKAGES) as [BrokenKind, ...BrokenKind[]];

/** The JSON text (not always valid JSON) of `activity` broken in the given way. */
export function breakActivity(activity: WireActivity, kind: BrokenKind, random: Random): string {
  return BREAKAGES[kind](activity, random);
}
