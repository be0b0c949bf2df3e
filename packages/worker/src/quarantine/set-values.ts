/** Mending an element by `path=value`. */
import { textFields } from '../activity/wire-activity.js';
import { changeJson } from './exact-json.js';

export interface Assignment {
  path: string[];
  value: unknown;
}

/**
 * `activityDateTime=2026-01-02T03:04:05`: a dotted path, and a value. Of a field that is a text (`sms=380501112233`) the value is what is written, but
 * for `null` and for a text in quotes; of any other it is JSON if it can be, else text. `undefined` when there is no `=`.
 */
export function parseAssignment(text: string): Assignment | undefined {
  const equals = text.indexOf('=');
  if (equals <= 0) return undefined;
  const value = text.slice(equals + 1);
  const path = text.slice(0, equals).split('.');
  const isPlain = textFields.has(text.slice(0, equals)) && value !== 'null' && !value.startsWith('"');
  return { path, value: isPlain ? value : fromJson(value) };
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The JSON text of an object with the assignments made, all else as it was; throws when `raw` is no JSON object. */
export const setValues = (raw: string, assignments: readonly Assignment[]): string =>
  changeJson(raw, (element) => assign(element, assignments));

function assign(element: unknown, assignments: readonly Assignment[]): unknown {
  if (!isRecord(element)) throw new Error('only the fields of an object can be set');
  for (const { path, value } of assignments) {
    const parents = path.slice(0, -1);
    let at = element;
    for (const name of parents) {
      const next = Object.hasOwn(at, name) && isRecord(at[name]) ? at[name] : {};
      define(at, name, next);
      at = next;
    }
    define(at, path.at(-1) ?? '', value);
  }
  return element;
}

/** As JSON.parse does it: a key named `__proto__` is a key. */
function define(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
