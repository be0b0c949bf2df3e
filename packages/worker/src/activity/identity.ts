/** Which activities are the same: however often and by whichever road one comes, its key is one. */
import { hash } from 'node:crypto';
import type { Activity } from './activity.js';

/**
 * The UUID (version 8: 122 bits of a SHA-256, RFC 9562) of (source, iid, status, time, link), and of the contact, the message instance and the
 * channel too where the sender gave no iid. `iid` names the message sent to one contact, not the event: in the vendor's sample one iid is
 * DELIVERED and, four seconds later, UNDELIVERED.
 */
export function identify(activity: Omit<Activity, 'key'>): string {
  const { source, iid, status, occurredAt, clickEventLink } = activity;
  const parts: unknown[] = [source, iid, status, occurredAt, clickEventLink];
  if (iid === null) parts.push(activity.contactId, activity.messageInstanceId, activity.mediaType);
  const hex = hash('sha256', JSON.stringify(parts), 'hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
