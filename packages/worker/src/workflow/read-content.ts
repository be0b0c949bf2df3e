/** What a body says: the value of a JSON body, the fields of a form, or a text. Whatever the header says, the bytes decide. */
import { maxReadBytes, pairsOf, parsed } from '@vidhuk/shared';

/** Of JSON; deeper than this a body is a text. PostgreSQL's jsonb and the paths of conditions go deeper than any sender does. */
const maxNesting = 32;

/** As {@link parseContent}, and U+FFFD where PostgreSQL cannot store it. */
export const readContent = (body: Buffer, contentType: string | null): unknown => storable(parseContent(body, contentType));

/** null: nothing, too large, or no text. */
export function parseContent(body: Buffer, contentType: string | null): unknown {
  if (body.length === 0 || body.length > maxReadBytes) return null;
  if (isForm(contentType)) return fieldsOf(pairsOf(textOfBytes(body)));
  const value = parsed(body);
  if (value !== undefined && nestingOf(value) <= maxNesting) return value;
  return isUtf8(body) ? textOfBytes(body) : null;
}

/** By name; a name that came several times has a list. */
export function fieldsOf(pairs: readonly (readonly [string, string])[]): Record<string, string | string[]> {
  const fields = new Map<string, string | string[]>();
  for (const [name, value] of pairs) {
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : [before, value].flat());
  }
  return Object.fromEntries(fields);
}

const isForm = (contentType: string | null): boolean =>
  contentType !== null && /^\s*application\/x-www-form-urlencoded\b/i.test(contentType);

const textOfBytes = (body: Buffer): string => body.toString('utf8').replace(/^\uFEFF/, '');
const isUtf8 = (body: Buffer): boolean => !body.toString('utf8').includes('\u{FFFD}') || body.includes('\u{FFFD}');

/** Without recursion: it may be 100,000 deep. */
function nestingOf(value: unknown): number {
  let depth = 0;
  for (let level = [value].filter(isContainer); level.length > 0; depth++)
    level = level.flatMap((container) => Object.values(container) as unknown[]).filter(isContainer);
  return depth;
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** A copy that PostgreSQL's jsonb takes: no NUL and no half of a surrogate pair, in names and values. */
export function storable<T>(value: T): T;
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\u{FFFD}').toWellFormed();
  if (Array.isArray(value)) return value.map((item: unknown) => storable(item));
  if (!isContainer(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]: [string, unknown]) => [storable(name), storable(member)]));
}
