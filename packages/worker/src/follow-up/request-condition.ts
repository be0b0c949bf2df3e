/** Whether a request of the workflow block is one that an action waits for: its hook, its source, and what stands at paths of its body. Pure. */
import { isUnexpanded } from '@vidhuk/shared';
import { jsonpath } from 'json-p3';
import type { WorkflowRequest } from '../workflow/workflow-request.js';
import type { BodySettings, ConditionSettings } from './action-schema.js';

type Asked = Pick<WorkflowRequest, 'source' | 'hook' | 'content'>;

export interface RequestCondition {
  /** Of the requests that it looks at. */
  hooks: readonly string[];
  matches(request: Asked): boolean;
  /** Why it does not match, each condition that fails. Empty when it does. */
  mismatches(request: Asked): string[];
}

type Scalar = string | number | boolean;

interface BodyTest {
  path: string;
  /** What must stand there, in words. */
  wanted: string;
  holds(found: readonly unknown[]): boolean;
  query: ReturnType<typeof jsonpath.compile>;
}

/** `problems` in words, each with its place below `when`. */
export function compileRequestCondition(when: ConditionSettings): { condition: RequestCondition; problems: string[] } {
  const hooks = [when.workflow ?? []].flat();
  const sources = when.source === undefined ? null : [when.source].flat();
  const problems: string[] = [];
  const tests = Object.entries(when.body ?? {}).flatMap(([path, wanted]) => {
    try {
      return [testOf(path, wanted)];
    } catch (error) {
      problems.push(`body: "${path}" is no JSON path (RFC 9535): ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
  const mismatches = ({ source, hook, content }: Asked): string[] => [
    ...(hooks.includes(hook) ? [] : [`when.workflow wants ${hooks.join(' or ')}, and it is for ${hook}`]),
    ...(sources?.includes(source) === false ? [`when.source wants ${sources.join(' or ')}, and it has ${source}`] : []),
    ...tests.flatMap((test) => {
      const found = valuesAt(test, content);
      return test.holds(found) ? [] : [`when.body wants ${test.wanted} at ${test.path}, and it has ${inWords(found)}`];
    }),
  ];
  return { condition: { hooks, matches: (request) => mismatches(request).length === 0, mismatches }, problems };
}

function testOf(path: string, settings: BodySettings[string]): BodyTest {
  const query = jsonpath.compile(path.startsWith('$') ? path : `$.${path}`);
  if (Array.isArray(settings)) return { path, query, ...oneOf(settings) };
  if (typeof settings !== 'object') return { path, query, ...oneOf([settings]) };
  if ('exists' in settings) {
    const wanted = settings.exists;
    return { path, query, wanted: wanted ? 'something' : 'nothing', holds: (found) => found.length > 0 === wanted };
  }
  return { path, query, ...oneOf('in' in settings ? settings.in : [settings.equals]) };
}

/** As texts: the block writes every value as one. */
function oneOf(accepted: readonly Scalar[]): Pick<BodyTest, 'wanted' | 'holds'> {
  const texts = new Set(accepted.map(String));
  const isAccepted = (value: unknown) => (typeof value !== 'object' || value === null) && texts.has(String(value).trim());
  return { wanted: [...texts].map((text) => `"${text}"`).join(' or '), holds: (found) => found.some(isAccepted) };
}

/** What stands at the path and is no variable that the platform left as it was. A text has no paths. */
function valuesAt({ query }: BodyTest, content: unknown): unknown[] {
  if (typeof content !== 'object' || content === null) return [];
  try {
    return query
      .query(content as Parameters<typeof query.query>[0])
      .values()
      .filter((value) => typeof value !== 'string' || !isUnexpanded(value));
  } catch {
    return []; // deeper than the library goes
  }
}

const inWords = (found: readonly unknown[]): string =>
  found.length === 0 ? 'nothing' : found.map((value) => JSON.stringify(value).slice(0, 100)).join(', ');
