/** What the migrations that a database waits for will lock, and for how long; or that it is of a newer version. */
import { newerSchema, planMigrations } from '@vidhuk/worker/database';
import type { DataSource } from 'typeorm';
import { describePlan } from '../output/migration-plan.js';
import { info, isForbidden, warning, type Finding } from './check.js';

/** Nothing where the database is up to date. */
export async function tellMigrations(database: DataSource): Promise<Finding[]> {
  try {
    const plan = await planMigrations(database);
    const newer = newerSchema(plan);
    if (newer !== undefined) return [warning(newer, 'run the program of that version everywhere')];
    return plan.pending.length === 0 ? [] : [info(describePlan(plan))];
  } catch (error) {
    if (isForbidden(error)) return []; // support
    throw error;
  }
}
