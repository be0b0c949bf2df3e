/** What the platform is known to send; it may send more. */
import { rules } from '../projection/rules.js';

/** As they are stored: READ is also sent as OPENED and RECEIVED. */
export const knownStatuses: readonly string[] = [...new Set(rules.map(({ status }) => status))];

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
