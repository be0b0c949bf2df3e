/** `vidhuk migrate`: brings the database up to date, or tells beforehand what that will do. */
import { Command } from 'commander';
import { createDataSource, migrate, newerSchema, openDataSource, planMigrations } from '@vidhuk/worker/database';
import { settleRules } from '@vidhuk/worker/history';
import { withDatabase } from '../database.js';
import { exitCode, type CliEnvironment } from '../environment.js';
import { answer, type AnswerOptions, jsonOption } from '../output/answer.js';
import { openLogger } from '../output/logger.js';
import { describePlan } from '../output/migration-plan.js';
import { readSettings } from '../settings.js';

interface Options extends AnswerOptions {
  plan?: boolean;
}

const examples = `
Examples:
  DATABASE_URL=postgres://user:password@localhost:5432/vidhuk vidhuk migrate
  vidhuk migrate --plan    what it will do, what that locks, and for how long; changes nothing

Exit codes: 0 done, or with --plan nothing is to be done; 1 with --plan: something is; 2 it could not be done.`;

export function migrateCommand(environment: CliEnvironment): Command {
  return new Command('migrate')
    .option('--plan', 'only tell')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action(async (options: Options) => {
      if (options.plan) {
        await tellPlan(environment, options);
        return;
      }
      const { databaseUrl, queueUrl } = readSettings(environment);
      const applied = await migrate(databaseUrl, queueUrl);
      await withDatabase(environment, settleRules);
      answer(options, { applied }, () =>
        applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}`,
      );
    });
}

async function tellPlan(environment: CliEnvironment, options: Options): Promise<void> {
  const { databaseUrl } = readSettings(environment);
  const dataSource = createDataSource(databaseUrl, { name: 'vidhuk cli', poolSize: 1, log: openLogger('warn') });
  await openDataSource(dataSource);
  try {
    const plan = await planMigrations(dataSource);
    const newer = newerSchema(plan);
    if (newer !== undefined) throw new Error(newer);
    answer(options, plan, describePlan);
    if (plan.pending.length > 0) process.exitCode = exitCode.negative;
  } finally {
    await dataSource.destroy();
  }
}
