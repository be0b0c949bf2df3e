/** Which activities are the same: however often and by whichever road one comes, its key is one. */
import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';

/** Kept with every row of the log: keys of another version are not comparable. Version 1 had the time in UTC, and of activities without iid a few fields only. */
export const identityVersion = 2;

/** What the key of an activity that names its message is made of. */
export interface MessageIdentity {
  source: string;
  /** Names the message sent to one contact, not the event: in the vendor's sample one iid is DELIVERED and, four seconds later, UNDELIVERED. */
  iid: string;
  /** Our spelling. */
  status: string;
  /** `activityDateTime` as it stands on the sender's clock: a corrected time zone of the source changes no key, see `wallClockOf`. */
  wallClock: string;
  clickEventLink: string | null;
}

/** The UUID (version 8: 122 bits of a SHA-256, RFC 9562) of an activity with an iid. */
export const identifyMessage = ({ source, iid, status, wallClock, clickEventLink }: MessageIdentity): string =>
  keyOf(JSON.stringify([identityVersion, source, iid, status, wallClock, clickEventLink]));

/**
 * The same of an activity without iid, which nothing but all that it says tells from another: two people who see a widget in one second are two.
 * `element` is the element as received, with our spelling of status and media type.
 */
export const identifyElement = (source: string, element: Readonly<Record<string, unknown>>): string =>
  keyOf(`[${identityVersion},${JSON.stringify(source)},${canonicalJson(element)}]`);

function keyOf(text: string): string {
  const hex = hash('sha256', text, 'hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
