/** Connecting to a database that is there and migrated. */
import { ConfigurationError } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';

/** Rejects, connected to nothing, when the database is away or waits for `vidhuk migrate`. */
export async function connect(dataSource: DataSource): Promise<void> {
  await dataSource.initialize();
  if (!(await dataSource.showMigrations())) return;
  await dataSource.destroy();
  throw new ConfigurationError(['the database is not up to date: run "vidhuk migrate"']);
}
