/** Connecting to a database that is there and migrated. */
import { ConfigurationError } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';

/** Rejects, connected to nothing, when the database is away or waits for `vidhuk migrate`; may then be called again. */
export async function connect(dataSource: DataSource): Promise<void> {
  await dataSource.initialize();
  try {
    if (!(await isMigrated(dataSource))) throw new ConfigurationError(['the database is not up to date: run "vidhuk migrate"']);
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

/** Changes nothing, also where no migration ran yet. */
export async function isMigrated(dataSource: DataSource): Promise<boolean> {
  // To look for migrations, TypeORM makes its table of them, which needs the schema.
  const schemas = await dataSource.query<unknown[]>(`select from pg_namespace where nspname = 'vidhuk'`);
  return schemas.length > 0 && !(await dataSource.showMigrations());
}
