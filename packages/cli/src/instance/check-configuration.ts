/** The configuration and the environment that the services will get, read and checked before anything starts. */
import { relative, resolve } from 'node:path';
import { ConfigurationError, configPathOf, readEnvironment, readSecret, type Environment, type Variables } from '@vidhuk/shared';
import { loadWorkerConfiguration, type WorkerConfiguration } from '@vidhuk/worker/configuration';
import { cloneRoot } from './clone.js';
import { secret } from './home.js';

export interface CheckedConfiguration {
  /** The caller's variables, with a working value for each that the services need; of the database only where the caller names one. */
  variables: Variables;
  environment: Environment;
  configuration: WorkerConfiguration;
  /** Whether the caller names a database. */
  hasDatabase: boolean;
}

/** While it is not known where the embedded database will listen. */
const laterKnown = 'postgres://127.0.0.1/vidhuk';

/** Throws a {@link ConfigurationError} with every problem of both at once. */
export async function checkConfiguration(home: string, given: Variables): Promise<CheckedConfiguration> {
  const { value: database, problem } = readSecret(given, 'DATABASE_URL');
  const variables = {
    ...given,
    VIDHUK_CONFIG: resolve(cloneRoot, configPathOf(given)),
    VIDHUK_MAIN_TOKEN: secret(home, 'VIDHUK_MAIN_TOKEN', given),
    ADMIN_TOKEN: secret(home, 'ADMIN_TOKEN', given),
  };
  const hasDatabase = database !== undefined || problem !== undefined;
  const complete = hasDatabase ? variables : { ...variables, DATABASE_URL: laterKnown };
  const problems: string[] = [];
  const environment = await collect(problems, () => readEnvironment(complete));
  const near = relative(process.cwd(), variables.VIDHUK_CONFIG);
  const path = near.startsWith('..') ? variables.VIDHUK_CONFIG : near;
  const configuration = await collect(problems, () => loadWorkerConfiguration(path, complete));
  if (environment === undefined || configuration === undefined) throw new ConfigurationError(problems);
  return { variables, environment, configuration, hasDatabase };
}

/** Undefined where problems were found. */
async function collect<T>(problems: string[], read: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}
