/** Connecting to a database that is there and migrated. */
import { ConfigurationError, explainConnectionFailure } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { migrations } from './data-source.js';

/**
 * Rejects, connected to nothing: with a {@link ConnectionFailure} when the database cannot be reached, with a {@link ConfigurationError} when it
 * waits for `vidhuk migrate`. May then be called again.
 */
export async function connect(dataSource: DataSource): Promise<void> {
  await openDataSource(dataSource);
  try {
    if (!(await isMigrated(dataSource))) throw new ConfigurationError(['the database is not up to date: run "vidhuk migrate"']);
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

/** Connects, whatever is in the database; `setting` names where its URL comes from. */
export async function openDataSource(dataSource: DataSource, setting = 'DATABASE_URL'): Promise<void> {
  try {
    await dataSource.initialize();
  } catch (error) {
    const { url = '' } = dataSource.options as { url?: string };
    throw explainConnectionFailure(error, url, setting);
  }
}

/** Whether every migration that this program knows has run. Only reads, and only what the support role may: TypeORM's own check makes its table. */
export async function isMigrated(dataSource: DataSource): Promise<boolean> {
  const [found] = await dataSource.query<{ present: boolean }[]>(`select to_regclass('vidhuk.migration') is not null as present`);
  if (found?.present !== true) return false;
  const names = migrations.map((Migration) => new Migration().name);
  const [missing] = await dataSource.query<{ missing: boolean }[]>(
    'select not $1::text[] <@ coalesce(array_agg(name::text), array[]::text[]) as missing from vidhuk.migration',
    [names],
  );
  return missing?.missing === false;
}
