/** Values that stand under names in a request of the workflow block: whatever its customer wrote, with variables that the platform filled in or did not. */

import { foldName } from './fold-name.js';

/** More than this of one body is kept, and not looked into: no field is read of it, and no action looks at it. */
export const maxReadBytes = 256 * 1024;

/** `$email`, `$!email`, `${email}`, `$!{email}`, `$data.get('x')`: what Apache Velocity leaves of a variable that it does not know. Not `$100`. */
export const isUnexpanded = (text: string): boolean => /^\s*\$!?\{?[A-Za-z_]/.test(text);

/**
 * A value as a text: numbers as they are written, nothing where there is none to be read: an empty text, an unexpanded variable, a list, or what
 * PostgreSQL cannot store.
 */
function textOf(value: unknown): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : null;
  if (typeof value !== 'string' || value.includes('\0') || !value.isWellFormed() || isUnexpanded(value)) return null;
  const text = value.trim();
  return foldName(text) === '' ? null : text;
}

/** As {@link textOf}, no longer than what an index takes. */
export function shortTextOf(value: unknown): string | null {
  const text = textOf(value);
  return text === null || text.length > 500 ? null : text;
}

/** An id of the platform: a safe integer above 0, as a number or in digits. */
export function idOf(value: unknown): number | null {
  const text = foldName(textOf(value) ?? '');
  const id = /^\d{1,16}$/.test(text) ? Number(text) : 0;
  return Number.isSafeInteger(id) && id > 0 ? id : null;
}

/** Names and values of a query or a form, in their order. Never throws: what is no percent-encoding stays as it is. */
export const pairsOf = (encoded: string): [string, string][] => [...new URLSearchParams(encoded)];

/** The members of a JSON object, or none where `body` is anything else. */
export function membersOf(body: Buffer): Readonly<Record<string, unknown>> {
  const value = body.length === 0 || body.length > maxReadBytes ? undefined : parsed(body);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** undefined: it is no JSON. */
export function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}
