/** The database as commands use it: connected for one piece of work, then closed. */
import type { DataSource } from 'typeorm';
import { connect, createDataSource } from '@vidhuk/worker/database';
import type { CliEnvironment } from './environment.js';
import { readSettings } from './settings.js';
import { openLogger } from './output/logger.js';

/** ms; of statements that read all that there is. */
export const patientMs = 12 * 3_600_000;

/** `statementMs`: how long a statement may take, where it reads all that there is. */
export async function withDatabase<T>(
  environment: CliEnvironment,
  work: (dataSource: DataSource) => Promise<T>,
  limits: { statementMs?: number; poolSize?: number } = {},
): Promise<T> {
  const { databaseUrl } = readSettings(environment);
  const dataSource = createDataSource(databaseUrl, { name: 'vidhuk cli', poolSize: 2, log: openLogger('warn'), ...limits });
  await connect(dataSource);
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
