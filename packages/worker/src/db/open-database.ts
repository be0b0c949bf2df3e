/** The database, connected for as long as the process runs. */
import { cannotHeal, retryForever, type Service } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { connect } from './connect.js';
import { createDataSource, type DataSourceSettings } from './data-source.js';
import { requireRights } from './require-rights.js';

/** Waits until the database is there, migrated, and open to this user; rejects for what waiting cannot heal. `poolSize`: connections at most. */
export async function openDatabase(
  url: string,
  settings: Pick<DataSourceSettings, 'poolSize' | 'byIndexOnly'>,
  { log, lifecycle }: Service,
): Promise<DataSource> {
  const dataSource = createDataSource(url, { name: 'vidhuk worker', log, ...settings });
  const patience = { log, signal: lifecycle.signal, isFinal: cannotHeal };
  await retryForever('connecting to the database', () => connect(dataSource), patience);
  lifecycle.onClose('database', () => dataSource.destroy());
  await retryForever('asking for the rights to the tables', () => requireRights(dataSource), patience);
  return dataSource;
}
