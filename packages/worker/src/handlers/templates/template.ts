/** Templates of an action's parameters: compiled and tried once at boot, rendered for every call. */
import { messageOf, PermanentError } from '@vidhuk/shared';
import { closest, distance } from 'fastest-levenshtein';
import type { Liquid, Template as Node } from 'liquidjs';
import type { HandlerSubject, HandlerUse } from '../handler.js';
import { payloadOf, payloadOfGroup } from '../payload.js';
import { textEngine, urlEngine, valueEngine } from './engines.js';
import { sampleActivity } from './sample-activity.js';
import { sampleRequest } from './sample-request.js';

/** What a template may name: `type`, `action`, and `activity`, `contact`, `previous` (of a request `request`, `contact`), or in a group `activities` (`requests`). */
export type Scope = object;

/** Throws `PermanentError` when it cannot be rendered for these values. */
type Render<T> = (scope: Scope) => T;

export interface Compiled<T> {
  render: Render<T>;
  problems: string[];
}

/** `at`: where the template stands, for the problems; `grouped`: it will see several. */
export interface TemplatePlace extends HandlerUse {
  at: string;
}

/** Whether values can change it. */
export const isTemplate = (source: string): boolean => source.includes('{{') || source.includes('{%');

export const compileText = (source: string, place: TemplatePlace): Compiled<string> => compileString(textEngine, source, place);
export const compileUrl = (source: string, place: TemplatePlace): Compiled<string> => compileString(urlEngine, source, place);

/** Any JSON: every string in it is a template, and one that is a single `{{ output }}` gives the value with its type. */
export function compileValue(source: unknown, place: TemplatePlace): Compiled<unknown> {
  if (typeof source === 'string') {
    const { render, problems } = compile(valueEngine, source, place);
    return { render: (scope) => render(scope) ?? null, problems };
  }
  if (typeof source !== 'object' || source === null) return { render: () => source, problems: [] };
  const parts = Object.entries(source).map(
    ([key, value]) => [key, compileValue(value, { ...place, at: `${place.at}.${key}` })] as const,
  );
  const problems = parts.flatMap(([, part]) => part.problems);
  if (Array.isArray(source)) return { render: (scope) => parts.map(([, part]) => part.render(scope)), problems };
  return { render: (scope) => Object.fromEntries(parts.map(([key, part]) => [key, part.render(scope)])), problems };
}

export const sampleOf = ({ subject }: Pick<HandlerUse, 'subject'>): HandlerSubject =>
  subject === 'workflow' ? sampleRequest : sampleActivity;

/** What templates are tried on. */
export const sampleScope = (use: HandlerUse): Scope => scopeOf(use.grouped, sampleOf(use));

export const scopeOf = (grouped: boolean, subject: HandlerSubject): Scope =>
  grouped ? payloadOfGroup('sample', [subject, subject]) : payloadOf('sample', subject);

export function compileString(engine: Liquid, source: string, place: TemplatePlace): Compiled<string> {
  const { render, problems } = compile(engine, source, place);
  return { render: (scope) => String(render(scope)), problems };
}

function compile(engine: Liquid, source: string, place: TemplatePlace): Compiled<unknown> {
  const { at } = place;
  if (!isTemplate(source)) return { render: () => source, problems: [] };
  try {
    const nodes = engine.parse(source);
    const render: Render<unknown> = (scope) => {
      try {
        const value: unknown = engine.renderSync(nodes, scope);
        return value;
      } catch (error) {
        throw new PermanentError(`${at}: ${messageOf(error)}`, { cause: error });
      }
    };
    const problems = unknownNames(engine, nodes, place).map((problem) => `${at}: ${problem}`);
    if (problems.length === 0) render(sampleScope(place));
    return { render, problems };
  } catch (error) {
    const message = error instanceof PermanentError ? error.message : `${at}: ${messageOf(error)}`;
    return { render: () => '', problems: [message] };
  }
}

/** Liquid takes a misspelt name for an empty text, and nobody would notice. */
function unknownNames(engine: Liquid, nodes: Node[], use: HandlerUse): string[] {
  const scope = sampleScope(use);
  const one = payloadOf('sample', sampleOf(use));
  const [subject, fields] = 'request' in one ? ['request', Object.keys(one.request)] : ['activity', Object.keys(one.activity)];
  return engine.globalVariableSegmentsSync(nodes).flatMap(([root, field]) => {
    const name = String(root);
    if (!Object.hasOwn(scope, name)) return [complain(name, Object.keys(scope), use)];
    if (name !== subject || typeof field !== 'string' || fields.includes(field)) return [];
    const known = fields.map((each) => `${subject}.${each}`);
    return [complain(`${subject}.${field}`, known, use)];
  });
}

function complain(name: string, known: readonly string[], { grouped, subject }: HandlerUse): string {
  const [one, several] = subject === 'workflow' ? ['request', 'requests'] : ['activity', 'activities'];
  if (grouped && [one, 'contact', 'previous'].includes(name)) {
    return `"${name}" is one ${one}'s, and with "group" there are several: {% for each in ${several} %}{{ each.${name} }}{% endfor %}`;
  }
  if (subject === 'workflow' && name === 'activity')
    return 'there is no "activity": an action with "workflow" gets a request, see "request"';
  const near = closest(name, known);
  return `there is no "${name}": ${distance(name, near) <= 3 ? `did you mean "${near}"?` : `known here: ${known.join(', ')}`}`;
}
