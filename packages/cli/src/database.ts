/** The database as commands use it: connected for one piece of work, then closed. */
import type { DataSource } from 'typeorm';
import { connect, createDataSource } from '@vidhuk/worker/database';
import type { CliEnvironment } from './environment.js';
import { readSettings } from './settings.js';
import { openLogger } from './output/logger.js';

export async function withDatabase<T>(environment: CliEnvironment, work: (dataSource: DataSource) => Promise<T>): Promise<T> {
  const { databaseUrl } = readSettings(environment);
  const dataSource = createDataSource(databaseUrl, { name: 'vidhuk cli', poolSize: 2, log: openLogger('warn') });
  await connect(dataSource);
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
