/** The database, connected for as long as the process runs. */
import { cannotHeal, retryForever, type Service } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { connect } from './connect.js';
import { createDataSource } from './data-source.js';

/** Waits until the database is there and migrated; rejects for what waiting cannot heal. `poolSize`: connections at most. */
export async function openDatabase(url: string, poolSize: number, { log, lifecycle }: Service): Promise<DataSource> {
  const dataSource = createDataSource(url, { name: 'vidhuk worker', poolSize, log });
  const patience = { log, signal: lifecycle.signal, isFinal: cannotHeal };
  await retryForever('connecting to the database', () => connect(dataSource), patience);
  lifecycle.onClose('database', () => dataSource.destroy());
  return dataSource;
}
