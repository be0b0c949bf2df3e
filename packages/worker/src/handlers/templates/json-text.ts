/** JSON that is written as a text with outputs in it: compiled, and tried on every value that may break it. */
import { messageOf, PermanentError } from '@vidhuk/shared';
import type { HandlerActivity } from '../handler.js';
import { jsonEngine } from './engines.js';
import { sampleActivity } from './sample-activity.js';
import { compileString, scopeOf, type Compiled, type Scope, type TemplatePlace } from './template.js';

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

function findProblems(text: Compiled<string>, { at, grouped }: TemplatePlace): string[] {
  const problemFor = (activity: HandlerActivity): string | null => problemOf(text.render(scopeOf(grouped, activity)));
  const always = problemFor(plainActivity);
  if (always !== null) return [`${at}: gives no valid JSON (${always})`];
  const variants = [...variantsOf('activity', plainActivity), ...variantsOfRow('contact'), ...variantsOfRow('previous')];
  return variants.flatMap(({ name, shown, activity }) => {
    if (problemFor(activity) === null) return [];
    return [`${at}: gives no valid JSON when ${name} is ${shown}: write {{ ${name} | json }} without quotes around it`];
  });
}

interface Variant {
  /** The name that a template gives the value. */
  name: string;
  shown: string;
  activity: HandlerActivity;
}

/** Texts of a sample without anything that JSON would have to escape. */
const harmless = <T extends object>(row: T): T => JSON.parse(JSON.stringify(row).replaceAll(/ ?\\(?:["\\]|n)/g, '')) as T;
const plainActivity = harmless(sampleActivity);

/** Never null, see `Activity`. */
const alwaysThere = new Set([
  'key',
  'source',
  'status',
  'occurredAt',
  'hardBounce',
  'messageTags',
  'followUpId',
  'contact',
  'previous',
]);

/** The plain activity with one value hostile, or missing. */
function variantsOf(name: string, plain: HandlerActivity): Variant[] {
  return Object.entries(sampleActivity).flatMap(([field, value]) => {
    if (field === 'followUpId' || field === 'contact' || field === 'previous') return [];
    const variant = (given: unknown): Variant => ({
      name: `${name}.${field}`,
      shown: JSON.stringify(given),
      activity: { ...plain, [field]: given },
    });
    return [variant(value), ...(alwaysThere.has(field) ? [] : [variant(null)])];
  });
}

function variantsOfRow(row: 'contact' | 'previous'): Variant[] {
  const [sample, plain] = [sampleActivity[row] ?? {}, plainActivity[row] ?? {}];
  return Object.entries(sample).flatMap(([column, value]) =>
    [value, null].map((given) => ({
      name: `${row}.${column}`,
      shown: JSON.stringify(given),
      activity: { ...plainActivity, [row]: { ...plain, [column]: given } },
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
