/** From the `actions` list of the configuration to actions that can run; every problem is found before anything starts. */
import { Ajv, type ErrorObject } from 'ajv';
import { toMs } from '@vidhuk/shared';
import { closest, distance } from 'fastest-levenshtein';
import { privateNetwork, type Handler, type Run } from '../handlers/handler.js';
import { knownStatuses } from './known-values.js';
import { actionSchema, type ActionSettings } from './action-schema.js';
import { longestDelayMs } from './duration.js';
import { compileCondition, type Condition } from './match.js';
import { compileRequestCondition } from './request-condition.js';

export interface Action {
  name: string;
  when: Condition;
  handler: Handler;
  run: Run;
  timeoutMs: number;
  retry: { attempts: number; maxDelayMs: number };
  concurrency: number;
  rateLimit: { max: number; perMs: number } | null;
  group: { max: number; withinMs: number } | null;
  maxPerContact: { count: number; perMs: number } | null;
  enabled: boolean;
  dryRun: boolean;
  /** As configured, for `actions show` and to see, with `handler`, whether a reload changed it. */
  settings: ActionSettings;
}

const isActionSettings = new Ajv({
  allErrors: true,
  useDefaults: true,
  strict: true,
  allowUnionTypes: true,
  verbose: true, // errors carry the schema that they stand in, and so what is known there
}).compile<ActionSettings>(actionSchema);

/** Compiles the list; `problems` names each fault with its path, and is empty when all is well. */
export function compileActions(
  list: readonly unknown[],
  handlers: ReadonlyMap<string, Handler>,
): { actions: Action[]; problems: string[] } {
  const actions: Action[] = [];
  const problems: string[] = [];
  const names = new Set<string>();
  for (const [index, entry] of structuredClone(list).entries()) {
    const at = `actions[${index}]`;
    const name = textAt(entry, 'name');
    const isTaken = name !== undefined && names.has(name);
    if (isTaken) problems.push(`${at}: there is another action named "${name}"`);
    if (name !== undefined) names.add(name);
    const result = compileAction(entry, at, handlers);
    if (Array.isArray(result)) problems.push(...result);
    else if (!isTaken) actions.push(result);
  }
  return { actions, problems };
}

const textAt = (entry: unknown, property: 'name' | 'run'): string | undefined => {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const value = (entry as Record<string, unknown>)[property];
  return typeof value === 'string' ? value : undefined;
};

function compileAction(entry: unknown, position: string, handlers: ReadonlyMap<string, Handler>): Action | string[] {
  const name = textAt(entry, 'name');
  const at = name === undefined ? position : `${position} (${name})`;
  const wanted = textAt(entry, 'run');
  const handler = wanted === undefined ? undefined : handlers.get(wanted);
  const problems = wanted === undefined || handler !== undefined ? [] : [`${at}.run: ${missingHandler(wanted, handlers)}`];
  if (!isActionSettings(entry)) return [...describeErrors(isActionSettings.errors ?? [], position), ...problems];
  problems.push(...suspiciousStatuses(entry, at), ...foreignConditions(entry).map((problem) => `${at}.when.${problem}`));
  if (entry.when.channel !== undefined && entry.when.becomes === undefined)
    problems.push(`${at}.when.channel: has a meaning only beside "becomes"`);
  if (toMs(entry.retry.maxDelay) > longestDelayMs) problems.push(`${at}.retry.maxDelay: must be at most 30d`);
  if (handler === undefined) return problems;
  if (entry.group !== undefined && !handler.group)
    problems.push(`${at}.group: the handler "${handler.name}" takes one activity at a time`);
  const subject = entry.when.workflow === undefined ? 'activity' : 'workflow';
  const bound = handler.bind(entry.with ?? {}, { grouped: entry.group !== undefined, subject });
  if ('problems' in bound) problems.push(...bound.problems.map((problem) => `${at}.${problem}`));
  if (problems.length > 0 || 'problems' in bound) return problems;
  const { timeoutMs, retry, concurrency, rateLimit, group, maxPerContact, enabled, dryRun } = entry;
  return {
    name: entry.name,
    when: compileCondition(entry.when, entry.on),
    handler,
    run: bound.run,
    timeoutMs,
    retry: { attempts: retry.attempts, maxDelayMs: toMs(retry.maxDelay) },
    concurrency,
    rateLimit: rateLimit ?? null,
    group: group ?? null,
    maxPerContact: maxPerContact ?? null,
    enabled,
    dryRun,
    settings: entry,
  };
}

/** A request of the workflow block has neither status nor channel, and an activity has no body: what could never hold is a mistake. */
function foreignConditions({ on, when }: ActionSettings): string[] {
  if (on === 'erase')
    return Object.keys(when)
      .filter((name) => name !== 'source')
      .map((name) => `${name}: has no meaning beside "on: erase": of a person who is erased, only "source" can be asked`);
  if (when.workflow === undefined)
    return when.body === undefined ? [] : ['body: has a meaning only beside "workflow": activities have no body'];
  const foreign = Object.keys(when).filter((name) => !['workflow', 'source', 'body'].includes(name));
  return [
    ...foreign.map((name) => `${name}: has no meaning beside "workflow": of a request, only "source" and "body" can be asked`),
    ...compileRequestCondition(when).problems,
  ];
}

function missingHandler(wanted: string, handlers: ReadonlyMap<string, Handler>): string {
  const known = [...handlers.keys()];
  const near = known.length > 0 ? closest(wanted, known) : undefined;
  const hint = near !== undefined && distance(wanted, near) <= 3 ? `did you mean "${near}"?` : `there are ${known.join(', ')}`;
  return `there is no handler "${wanted}": ${hint}`;
}

/** A misspelt status would never match, and nobody would notice; a status that is far from all known ones may be one of the sender's new ones. */
function suspiciousStatuses({ when }: ActionSettings, at: string): string[] {
  const known = [...knownStatuses, 'OPENED', 'RECEIVED'];
  const suspicious = (status: string): string[] => {
    const near = closest(status, known);
    if (known.includes(status) || distance(status, near) > 2) return [];
    return [`"${status}" is not a status that the platform sends: did you mean "${near}"?`];
  };
  return [
    { place: 'when.status', statuses: when.status ?? [] },
    { place: 'when.not.status', statuses: when.not?.status ?? [] },
  ].flatMap(({ place, statuses }) =>
    [statuses]
      .flat()
      .flatMap((status) => suspicious(status.trim().toUpperCase()))
      .map((problem) => `${at}.${place}: ${problem}`),
  );
}

interface Parent {
  description?: string;
  properties?: object;
}

/** One sentence for each place: of a value that may be written in several ways, ajv tells every way's fault. */
function describeErrors(errors: readonly ErrorObject[], position: string): string[] {
  const several = errors.filter((error) => error.keyword === 'anyOf').map((error) => error.instancePath);
  const inside = ({ instancePath, keyword }: ErrorObject) =>
    keyword !== 'anyOf' && several.some((path) => instancePath === path || instancePath.startsWith(`${path}/`));
  const sentences = errors
    .filter((error) => !inside(error))
    .map((error) => {
      const place = `${position}${error.instancePath.replaceAll('/', '.')}`;
      const { description, properties = {} } = (error.parentSchema ?? {}) as Parent;
      if (error.keyword === 'anyOf' && description !== undefined) return `${place}: must be ${description}`;
      if (error.keyword !== 'additionalProperties') return `${place}: ${error.message ?? 'is not valid'}`;
      const unknown = String(error.params.additionalProperty);
      const known = Object.keys(properties);
      const near = closest(unknown, known);
      if (unknown === privateNetwork)
        return `${place}: "${unknown}" belongs under "with:" of an action whose handler takes it (http-request, esputnik-request)`;
      const hint = distance(unknown, near) <= 3 ? `did you mean "${near}"?` : `known here: ${known.join(', ')}`;
      return `${place}: unknown setting "${unknown}": ${hint}`;
    });
  return [...new Set(sentences)];
}
