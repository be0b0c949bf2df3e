/** What the platform is known to send; it may send more. */
import { rules } from '../projection/rules.js';

/**
 * Statuses that move no column of their own: of pushes in the platform's exports; of sends that failed; and of forms, which no page names, but which
 * must not be taken for a misspelt UNSUBSCRIBED.
 */
const moveNothing = ['PUSH_SUBSCRIBED', 'FAILED', 'SUBSCRIBED'];

/** As they are stored: READ is also sent as OPENED and RECEIVED. */
export const knownStatuses: readonly string[] = [...new Set([...rules.map(({ status }) => status), ...moveNothing])];

/** Channels as its API names them, and what is stored where it names none. */
export const knownMediaTypes: readonly string[] = [
  'email',
  'sms',
  'viber',
  'mobilepush',
  'webpush',
  'appinbox',
  'widget',
  'inapp',
  'telegrambot',
];
