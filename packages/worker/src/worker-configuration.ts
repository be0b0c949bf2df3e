/** The configuration as the worker needs it: with its handlers loaded and its actions compiled; all problems are told at once. */
import { dirname } from 'node:path';
import {
  changedSettings,
  ConfigurationError,
  inspectConfiguration,
  readConfigurationFile,
  type Adoption,
  type Configuration,
  type SourceRoads,
  type Variables,
} from '@vidhuk/shared';
import { compileActions, type Action } from './follow-up/action.js';
import { changedActions } from './follow-up/changed-actions.js';
import { loadExternalHandlers } from './handlers/external-handlers.js';
import type { Handler } from './handlers/handler.js';
import { builtInHandlers } from './handlers/index.js';
import { createRegistry } from './handlers/registry.js';

export interface WorkerConfiguration extends Configuration {
  compiledActions: Action[];
  /** By name. */
  availableHandlers: ReadonlyMap<string, Handler>;
}

/** Reads the file at `path`; throws a {@link ConfigurationError} with every problem. */
export async function loadWorkerConfiguration(path: string, variables: Variables): Promise<WorkerConfiguration> {
  return parseWorkerConfiguration(await readConfigurationFile(path), path, variables);
}

/** As {@link loadWorkerConfiguration}, from the file's text; `path` is for messages, and handlers' files are relative to it. */
export async function parseWorkerConfiguration(text: string, path: string, variables: Variables): Promise<WorkerConfiguration> {
  const { config, problems } = inspectConfiguration(text, path, variables);
  const external = await loadExternalHandlers(isStrings(config.handlers) ? config.handlers : [], dirname(path));
  const { registry, problems: ofNames } = createRegistry([...builtInHandlers, ...external.handlers]);
  const { actions, problems: ofActions } = compileActions(Array.isArray(config.actions) ? config.actions : [], registry);
  problems.push(...[...external.problems, ...ofNames, ...ofActions].map((problem) => `${path}: ${problem}`));
  if (problems.length > 0) throw new ConfigurationError(problems);
  return { ...config, compiledActions: actions, availableHandlers: registry };
}

/** Actions and their handlers are taken by a running worker; its queue, its pool and its limits are those that it began with. */
export function adoptWorkerConfiguration(running: WorkerConfiguration, next: WorkerConfiguration): Adoption<WorkerConfiguration> {
  return {
    running: { ...next, queue: running.queue, worker: running.worker },
    taken: [
      ...changedActions(running.compiledActions, next.compiledActions),
      ...changedRules(running.sources, next.sources),
      ...changedSettings('retention', running.retention, next.retention),
    ],
    waitsForRestart: [
      ...changedSettings('queue', running.queue, next.queue),
      ...changedSettings('worker', running.worker, next.worker),
    ],
  };
}

/** What the worker itself knows of a source; its time zone comes with each batch. */
const changedRules = (before: Configuration['sources'], after: Configuration['sources']): string[] =>
  Object.entries(after).flatMap(([source, { optIn, maxAhead, ...next }]) => {
    const old = Object.hasOwn(before, source) ? before[source] : undefined;
    if (old === undefined) return [];
    return [
      ...changedSettings(`sources.${source}.optIn`, old.optIn, optIn),
      ...changedSettings(`sources.${source}`, roadsOf(old), roadsOf(next)),
      ...(old.maxAhead === maxAhead ? [] : [`sources.${source}.maxAhead`]),
    ];
  });

const roadsOf = ({ platform, reconcile, export: exported }: SourceRoads) => ({ platform, reconcile, export: exported });

const isStrings = (value: unknown): value is string[] => Array.isArray(value) && value.every((item) => typeof item === 'string');
