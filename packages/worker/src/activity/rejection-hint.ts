/** What a broken element still tells: whom it may be about, and whether it says that somebody does not want to be written to. */
import type { RejectionHint } from './activity.js';
import { normaliseStatus } from './normalise.js';
import { asBoolean, asId } from './wire-activity.js';

const noHint: RejectionHint = { contactId: null, movesFlag: false };

const alwaysMove = new Set(['UNSUBSCRIBED', 'SPAM', 'SUBSCRIPTION_CHANGED']);
const no = new Set<unknown>([undefined, null, false]);

/** Of one element, however broken. A DELIVERED ends a blacklisting, but nearly never is there one, so it does not count. */
export function hintOf(element: unknown): RejectionHint {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) return noHint;
  const { activityStatus, hardBounce, contactId } = element as Readonly<Record<string, unknown>>;
  const status = typeof activityStatus === 'string' ? normaliseStatus(activityStatus) : '';
  const id = asId(contactId);
  return {
    contactId: typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? id : null,
    movesFlag: alwaysMove.has(status) || (status === 'UNDELIVERED' && !no.has(asBoolean(hardBounce))),
  };
}

/** Of a text that is no JSON: whether it names what would move a flag. */
export const hintOfText = (text: string): RejectionHint => ({
  contactId: null,
  movesFlag: /UNSUBSCRIBED|"SPAM"|SUBSCRIPTION_CHANGED|"hardBounce"\s*:\s*true/i.test(text),
});
