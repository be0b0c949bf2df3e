/** `${NAME}` in the values of a YAML text: found, and replaced after parsing. */
import { parseDocument } from 'yaml';

/** Which parts of the file a process reads, by path as `sources.main.tokens`. What it does not read may refer to variables that it does not have. */
export type IsRead = (path: string) => boolean;

export const everything: IsRead = () => true;

/** YAML ends plain text at a brace inside of `[ ]` and `{ }`: while it is parsed, private characters stand for `${` and `}`, column for column. */
const hideReferences = (text: string): string => text.replace(/\$\{([^{}\n]*)\}/g, '\uE000\uE000$1\uE001');
export const showReferences = (text: string): string => text.replace(/\uE000\uE000([^\uE001]*)\uE001/g, '${$1}');

/** Merge keys (`<<: *anchor`) work; a text that cannot be parsed has `errors`. */
export const parseText = (text: string) => parseDocument(hideReferences(text), { merge: true });

interface Reference {
  /** As it stands there: `${NAME}`. */
  text: string;
  name: string;
}

/** Replaces each `${NAME}`, in values only, after parsing: a variable's content cannot change the structure. */
export function mapTexts(value: unknown, at: string, replace: (reference: Reference, at: string) => string): unknown {
  if (typeof value === 'string')
    return showReferences(value).replace(/\$\{([^}]*)\}/g, (text, name: string) => replace({ text, name }, at));
  if (Array.isArray(value)) return value.map((item: unknown, index) => mapTexts(item, `${at}[${index}]`, replace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([hidden, item]) => {
      const key = showReferences(hidden);
      return [key, mapTexts(item, at === '' ? key : `${at}.${key}`, replace)];
    }),
  );
}

/** Names of the variables to which the parts of the file that are read refer, sorted; none where it is no YAML. */
export function variablesOf(text: string, isRead = everything): string[] {
  const document = parseText(text);
  if (document.errors.length > 0) return [];
  const names = new Set<string>();
  mapTexts(document.toJS(), '', (reference, at) => {
    if (isRead(at)) names.add(reference.name);
    return reference.text;
  });
  return [...names].sort();
}
