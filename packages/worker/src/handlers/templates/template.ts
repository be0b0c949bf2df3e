/** Templates of an action's parameters: compiled and tried once at boot, rendered for every call. */
import { messageOf, PermanentError } from '@vidhuk/shared';
import { closest, distance } from 'fastest-levenshtein';
import type { Liquid, Template as Node } from 'liquidjs';
import type { HandlerActivity } from '../handler.js';
import { groupPayload, singlePayload } from '../payload.js';
import { textEngine, urlEngine, valueEngine } from './engines.js';
import { sampleActivity } from './sample-activity.js';

/** What a template may name: `type`, `action`, and `activity`, `contact`, `previous`, or in a group `activities`. */
export type Scope = object;

/** Throws `PermanentError` when it cannot be rendered for these values. */
type Render<T> = (scope: Scope) => T;

export interface Compiled<T> {
  render: Render<T>;
  problems: string[];
}

/** `at`: where the template stands, for the problems; `grouped`: it will see `activities`. */
export interface TemplatePlace {
  at: string;
  grouped: boolean;
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

/** What templates are tried on. */
export const sampleScope = (grouped: boolean): Scope => scopeOf(grouped, sampleActivity);

export const scopeOf = (grouped: boolean, activity: HandlerActivity): Scope =>
  grouped ? groupPayload('sample', [activity, activity]) : singlePayload('sample', activity);

export function compileString(engine: Liquid, source: string, place: TemplatePlace): Compiled<string> {
  const { render, problems } = compile(engine, source, place);
  return { render: (scope) => String(render(scope)), problems };
}

function compile(engine: Liquid, source: string, { at, grouped }: TemplatePlace): Compiled<unknown> {
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
    const problems = unknownNames(engine, nodes, grouped).map((problem) => `${at}: ${problem}`);
    if (problems.length === 0) render(sampleScope(grouped));
    return { render, problems };
  } catch (error) {
    const message = error instanceof PermanentError ? error.message : `${at}: ${messageOf(error)}`;
    return { render: () => '', problems: [message] };
  }
}

/** Liquid takes a misspelt name for an empty text, and nobody would notice. */
function unknownNames(engine: Liquid, nodes: Node[], grouped: boolean): string[] {
  const scope = sampleScope(grouped);
  const fields = Object.keys(singlePayload('sample', sampleActivity).activity);
  return engine.globalVariableSegmentsSync(nodes).flatMap(([root, field]) => {
    const name = String(root);
    if (!Object.hasOwn(scope, name)) return [complain(name, Object.keys(scope), grouped)];
    if (name !== 'activity' || typeof field !== 'string' || fields.includes(field)) return [];
    const known = fields.map((each) => `activity.${each}`);
    return [complain(`activity.${field}`, known, grouped)];
  });
}

function complain(name: string, known: readonly string[], grouped: boolean): string {
  if (grouped && ['activity', 'contact', 'previous'].includes(name)) {
    return `"${name}" is one activity's, and with "group" there are several: {% for each in activities %}{{ each.${name} }}{% endfor %}`;
  }
  const near = closest(name, known);
  return `there is no "${name}": ${distance(name, near) <= 3 ? `did you mean "${near}"?` : `known here: ${known.join(', ')}`}`;
}
