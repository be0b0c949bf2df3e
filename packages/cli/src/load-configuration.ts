/** The configuration of a command that needs the database as well. */
import { loadWorkerConfiguration, type WorkerConfiguration } from '@vidhuk/worker/configuration';
import type { CliEnvironment } from './environment.js';
import { readSettings } from './settings.js';

/** Where neither an instance runs nor a database is named, that is said, and not what the file lacks by itself. */
export async function loadBesideDatabase(environment: CliEnvironment): Promise<WorkerConfiguration> {
  return loadWorkerConfiguration(readSettings(environment).configPath, environment);
}
