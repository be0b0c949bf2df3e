/** From the `actions` list of the configuration to actions that can run; every problem is found before anything starts. */
import { Ajv, type ErrorObject } from 'ajv';
import { closest, distance } from 'fastest-levenshtein';
import type { Handler, Run } from '../handlers/handler.js';
import { rules } from '../projection/rules.js';
import { actionSchema, type ActionSettings } from './action-schema.js';
import { toMs } from './duration.js';
import { compileCondition, type Condition } from './match.js';

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
  /** As configured, for `actions show` and to see whether a reload changed it. */
  settings: ActionSettings;
}

const isActionSettings = new Ajv({
  allErrors: true,
  useDefaults: true,
  strict: true,
  allowUnionTypes: true,
}).compile<ActionSettings>(actionSchema);

/** Compiles the list; `problems` names each fault with its path, and is empty when all is well. */
export function compileActions(
  list: readonly unknown[],
  handlers: ReadonlyMap<string, Handler>,
): { actions: Action[]; problems: string[] } {
  const actions: Action[] = [];
  const problems: string[] = [];
  for (const [index, entry] of structuredClone(list).entries()) {
    const result = compileAction(entry, `actions[${index}]`, handlers);
    if (Array.isArray(result)) problems.push(...result);
    else if (actions.some(({ name }) => name === result.name))
      problems.push(`actions[${index}]: there is another action named "${result.name}"`);
    else actions.push(result);
  }
  return { actions, problems };
}

function compileAction(entry: unknown, at: string, handlers: ReadonlyMap<string, Handler>): Action | string[] {
  if (!isActionSettings(entry)) return describeErrors(isActionSettings.errors ?? [], at);
  const problems = suspiciousStatuses(entry).map((problem) => `${at} (${entry.name}).when.status: ${problem}`);
  if (entry.when.channel !== undefined && entry.when.becomes === undefined)
    problems.push(`${at} (${entry.name}).when.channel: has a meaning only beside "becomes"`);
  const handler = handlers.get(entry.run);
  if (handler === undefined) {
    problems.push(`${at} (${entry.name}).run: there is no handler "${entry.run}": there are ${[...handlers.keys()].join(', ')}`);
    return problems;
  }
  if (entry.group !== undefined && !handler.group)
    problems.push(`${at} (${entry.name}).group: the handler "${handler.name}" takes one activity at a time`);
  const bound = handler.bind(entry.with ?? {});
  if ('problems' in bound) problems.push(...bound.problems.map((problem) => `${at} (${entry.name}).${problem}`));
  if (problems.length > 0 || 'problems' in bound) return problems;
  const { name, timeoutMs, retry, concurrency, rateLimit, group, maxPerContact, enabled, dryRun } = entry;
  return {
    name,
    when: compileCondition(entry.when),
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

/** A misspelt status would never match, and nobody would notice; a status that is far from all known ones may be one of the sender's new ones. */
function suspiciousStatuses({ when }: ActionSettings): string[] {
  const known = [...new Set(rules.map((rule) => rule.status)), 'OPENED', 'RECEIVED'];
  return [when.status, when.not?.status]
    .flat()
    .filter((status) => status !== undefined)
    .map((status) => status.trim().toUpperCase())
    .filter((status) => !known.includes(status))
    .flatMap((status) => {
      const near = closest(status, known);
      return distance(status, near) <= 2 ? [`"${status}" is not a status that the platform sends: did you mean "${near}"?`] : [];
    });
}

/** Of a union ajv tells every branch's fault; one sentence for each place is enough. */
function describeErrors(errors: readonly ErrorObject[], at: string): string[] {
  const byPlace = new Map<string, string>();
  for (const error of errors) {
    const place = `${at}${error.instancePath.replaceAll('/', '.')}`;
    if (error.keyword === 'additionalProperties') {
      const unknown = String(error.params.additionalProperty);
      const known = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {});
      const near = known.length > 0 ? closest(unknown, known) : '';
      byPlace.set(
        `${place} ${unknown}`,
        `${place}: unknown setting "${unknown}": ${distance(unknown, near) <= 3 ? `did you mean "${near}"?` : `known here: ${known.join(', ')}`}`,
      );
    } else if (!byPlace.has(place) || error.keyword === 'anyOf') {
      byPlace.set(
        place,
        `${place}: ${error.message ?? 'is not valid'}${error.keyword === 'anyOf' ? ' (a value or a list of values)' : ''}`,
      );
    }
  }
  return [...byPlace.values()];
}
