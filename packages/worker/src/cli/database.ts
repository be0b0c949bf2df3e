/** The database as commands use it: connected for one piece of work, then closed. */
import { readEnvironment } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { connect } from '../db/connect.js';
import { createDataSource } from '../db/data-source.js';
import type { CliEnvironment } from './environment.js';
import { openLogger } from './logger.js';

export async function withDatabase<T>(environment: CliEnvironment, work: (dataSource: DataSource) => Promise<T>): Promise<T> {
  const { databaseUrl } = readEnvironment(environment);
  const dataSource = createDataSource(databaseUrl, { name: 'vidhuk cli', poolSize: 2, log: openLogger('warn') });
  await connect(dataSource);
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
