/** A short text by which a process and whoever asks it can tell whether they have the same configuration, and which gives nothing of it away. */
import { createHmac } from 'node:crypto';
import { variablesOf, type IsRead } from './variable-references.js';
import { readSecret, type Variables } from './secret-variable.js';

const halfLength = 12; // hexadecimal digits

/**
 * Of the file's text and, after the hyphen, of what the `${NAME}` of its parts that are read stand for; what NAME_FILE names is read now. Not of the
 * files of handlers. `key`, the admin token: without it nobody can try out guesses of a secret against the fingerprint.
 */
export function fingerprintOf(text: string, variables: Variables, key = '', isRead?: IsRead): string {
  const values = variablesOf(text, isRead).map((name) => [name, readSecret(variables, name).value ?? null]);
  const digest = (part: string) => createHmac('sha256', key).update(part).digest('hex').slice(0, halfLength);
  return `${digest(text)}-${digest(JSON.stringify(values))}`;
}

/** Whether both are of the same text, whatever its variables stand for. */
export const isSameText = (one: string, other: string): boolean => one.slice(0, halfLength) === other.slice(0, halfLength);
