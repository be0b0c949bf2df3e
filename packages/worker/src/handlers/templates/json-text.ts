/** JSON that is written as a text with outputs in it: compiled, and tried on every value that may break it. */
import { messageOf, PermanentError } from '@vidhuk/shared';
import { isRequest, type HandlerSubject } from '../handler.js';
import { jsonEngine } from './engines.js';
import { compileString, sampleOf, scopeOf, type Compiled, type Scope, type TemplatePlace } from './template.js';

/** Renders text that is JSON for every value; throws `PermanentError` where it is not. */
export function compileJsonText(source: string, place: TemplatePlace): Compiled<string> {
  const text = compileString(jsonEngine, source, place);
  const render = (scope: Scope): string => {
    const rendered = text.render(scope);
    const problem = problemOf(rendered);
    if (problem !== null) throw new PermanentError(`${place.at}: gives no valid JSON (${problem})`);
    return rendered;
  };
  return { render, problems: text.problems.length > 0 ? text.problems : findProblems(text, place) };
}

function findProblems(text: Compiled<string>, place: TemplatePlace): string[] {
  const { at, grouped } = place;
  const sample = sampleOf(place);
  const problemFor = (subject: HandlerSubject): string | null => problemOf(text.render(scopeOf(grouped, subject)));
  const always = problemFor(harmless(sample));
  if (always !== null) return [`${at}: gives no valid JSON (${always})`];
  const variants = [...variantsOf(sample), ...variantsOfRow(sample, 'contact'), ...variantsOfRow(sample, 'previous')];
  return variants.flatMap(({ name, shown, subject }) => {
    if (problemFor(subject) === null) return [];
    return [`${at}: gives no valid JSON when ${name} is ${shown}: write {{ ${name} | json }} without quotes around it`];
  });
}

interface Variant {
  /** The name that a template gives the value. */
  name: string;
  shown: string;
  subject: HandlerSubject;
}

/** Texts of a sample without anything that JSON would have to escape. */
const harmless = <T extends object>(row: T): T => JSON.parse(JSON.stringify(row).replaceAll(/ ?\\(?:["\\]|n)/g, '')) as T;

/** Never null, see `Activity` and `HandlerRequest`. */
const alwaysThere = new Set([
  'key',
  'source',
  'hook',
  'status',
  'occurredAt',
  'method',
  'query',
  'hardBounce',
  'messageTags',
  'followUpId',
  'contact',
  'previous',
]);
const notOfTemplates = ['followUpId', 'contact', 'previous', 'type'];

/** The plain subject with one value hostile, or missing. */
function variantsOf(sample: HandlerSubject): Variant[] {
  const plain = harmless(sample);
  const name = isRequest(sample) ? 'request' : 'activity';
  return Object.entries(sample).flatMap(([field, value]) => {
    if (notOfTemplates.includes(field)) return [];
    const variant = (given: unknown): Variant => ({
      name: `${name}.${field}`,
      shown: JSON.stringify(given),
      subject: { ...plain, [field]: given },
    });
    return [variant(value), ...(alwaysThere.has(field) ? [] : [variant(null)])];
  });
}

function variantsOfRow(sample: HandlerSubject, row: 'contact' | 'previous'): Variant[] {
  const plain = harmless(sample);
  return Object.entries(sample[row] ?? {}).flatMap(([column, value]) =>
    [value, null].map((given) => ({
      name: `${row}.${column}`,
      shown: JSON.stringify(given),
      subject: { ...plain, [row]: { ...plain[row], [column]: given } },
    })),
  );
}

function problemOf(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
