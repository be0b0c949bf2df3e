/** The configuration as the worker needs it: with its handlers loaded and its actions compiled; all problems are told at once. */
import { dirname } from 'node:path';
import {
  ConfigurationError,
  inspectConfiguration,
  readConfigurationFile,
  type Configuration,
  type Variables,
} from '@vidhuk/shared';
import { compileActions, type Action } from './follow-up/action.js';
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
  const { config, problems } = inspectConfiguration(await readConfigurationFile(path), path, variables);
  const external = await loadExternalHandlers(isStrings(config.handlers) ? config.handlers : [], dirname(path));
  const { registry, problems: ofNames } = createRegistry([...builtInHandlers, ...external.handlers]);
  const { actions, problems: ofActions } = compileActions(Array.isArray(config.actions) ? config.actions : [], registry);
  problems.push(...[...external.problems, ...ofNames, ...ofActions].map((problem) => `${path}: ${problem}`));
  if (problems.length > 0) throw new ConfigurationError(problems);
  return { ...config, compiledActions: actions, availableHandlers: registry };
}

const isStrings = (value: unknown): value is string[] => Array.isArray(value) && value.every((item) => typeof item === 'string');
