/** Opens what can be opened and runs every check; one that fails keeps no other from running. */
import { describeUrl, messageOf, openQueueStore, requireStoreRights, createLogger, type Variables } from '@vidhuk/shared';
import { createDataSource, isMigrated, openDataSource } from '@vidhuk/worker/database';
import { loadWorkerConfiguration } from '@vidhuk/worker/configuration';
import { readSettings } from '../settings.js';
import { info, isForbidden, ok, problem, type Check, type Complete, type Finding, type Patient } from './check.js';
import { configurationCheck } from './configuration-check.js';
import { databaseChecks } from './database-checks.js';
import { tellMigrations } from './tell-migrations.js';
import { platformChecks } from './platform-checks.js';
import { processChecks } from './process-checks.js';
import { queueChecks } from './queue-checks.js';
import { timeZoneCheck } from './time-zone-check.js';

export interface Result extends Finding {
  check: string;
}

const awayRemedy = (setting: string): string =>
  `is it running, and is ${setting} right? Where it ends by itself, its log says why: a full disk, for example`;

/** Calls `onResult` for each finding as it comes. Rejects only when the environment cannot be read at all. */
export async function examine(
  variables: Variables,
  onResult: (result: Result) => void,
  source: string | null = null,
): Promise<void> {
  const environment = readSettings(variables);
  const report = (check: string, findings: readonly Finding[]) => {
    for (const finding of findings) onResult({ check, ...finding });
  };
  const open = async <T>(check: string, what: string, remedy: string, attempt: () => Promise<T>): Promise<T | undefined> => {
    try {
      const opened = await attempt();
      report(check, [ok(what)]);
      return opened;
    } catch (error) {
      report(check, [problem(messageOf(error), remedy)]);
      return undefined;
    }
  };

  const log = createLogger('doctor', 'silent');
  const config = await open('configuration', environment.configPath, 'mend the file', () =>
    loadWorkerConfiguration(environment.configPath, variables),
  );
  const where = describeUrl(environment.databaseUrl);
  const database = await open('database', where, awayRemedy('DATABASE_URL'), async () => {
    const dataSource = createDataSource(environment.databaseUrl, { name: 'vidhuk doctor', poolSize: 2, log });
    await openDataSource(dataSource);
    return dataSource;
  });
  const tables =
    database &&
    (await open('migrations', 'the database is up to date', 'run "vidhuk migrate"', async () => {
      if (!(await isMigrated(database))) throw new Error('the database is not up to date');
      return database;
    }));
  if (database !== undefined) report('migrations', await tellMigrations(database));
  const store = await open('queue store', describeUrl(environment.queueUrl), awayRemedy('QUEUE_URL'), async () => {
    const opened = await openQueueStore(environment.queueUrl, () => undefined);
    try {
      await requireStoreRights(opened, environment.queueUrl);
      return opened;
    } catch (error) {
      await opened.close();
      throw error;
    }
  });
  const patient: Patient = { variables, environment, config, database, tables, store, source };
  try {
    for (const check of [
      ...databaseChecks,
      timeZoneCheck,
      ...queueChecks,
      ...processChecks,
      configurationCheck,
      ...platformChecks,
    ]) {
      if (isComplete(check, patient)) report(check.name, await look(check, patient));
    }
  } finally {
    await store?.close();
    await database?.destroy();
  }
}

/** Whether the patient has what the check needs; more it does not touch. */
const isComplete = (check: Check, patient: Patient): patient is Complete =>
  check.needs.every((part) => patient[part] !== undefined);

async function look(check: Check, patient: Complete): Promise<Finding[]> {
  try {
    return await check.look(patient);
  } catch (error) {
    // Support may look at little, and that is as it should be.
    if (isForbidden(error)) return [info(`not looked at: this user may not (${messageOf(error)})`)];
    return [problem(`could not be checked: ${messageOf(error)}`, 'mend the problems above first')];
  }
}
