/** Why messages are not delivered: descriptions in the shapes of the vendor's samples, most with an enhanced status code (RFC 3463). */
import type { Random } from './random.js';

/** The two keys that only UNDELIVERED carries. */
export interface Bounce {
  /** True: the contact is on the platform's blacklist. */
  hardBounce: boolean;
  statusDescription: string;
}

const HARD_EMAIL = [
  '5.1.1 (bad destination mailbox address: user unknown)',
  '5.1.1 (bad destination mailbox address: 550 5.1.1 The email account does not exist)',
  '5.1.10 (bad destination: recipient address has null MX)',
  '5.2.1 (mailbox disabled, not accepting messages)',
  '5.7.1 (delivery not authorized: message blocked as spam)',
] as const;
const SOFT_EMAIL = [
  '5.1.2 (bad destination system: no such domain)',
  '4.2.2 (mailbox full)',
  '4.4.1 (connection timed out)',
  '4.7.0 (temporarily deferred: too many messages from this host)',
  'Повідомлення не надіслано: адреса у списку винятків',
] as const;
const MESSENGER = ['401: null', '404: user is not a subscriber', 'Not delivered: expired', '5.0.0 (undefined status)'] as const;

/** A failure on the given media type; on e-mail about half are hard, elsewhere few. */
export function bounceOn(mediaType: string, random: Random): Bounce {
  if (mediaType === 'email') {
    const hardBounce = random.chance(0.5);
    return { hardBounce, statusDescription: hardBounce ? random.pick(HARD_EMAIL) : random.pick(SOFT_EMAIL) };
  }
  return { hardBounce: random.chance(0.2), statusDescription: random.pick(MESSENGER) };
}
