import { Command } from 'commander';
import { migrate } from '@vidhuk/worker/database';
import { settleRules } from '@vidhuk/worker/history';
import { withDatabase } from '../database.js';
import type { CliEnvironment } from '../environment.js';
import { readSettings } from '../settings.js';
import { answer, type AnswerOptions, jsonOption } from '../output/answer.js';

export function migrateCommand(environment: CliEnvironment): Command {
  return new Command('migrate')
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  DATABASE_URL=postgres://user:password@localhost:5432/vidhuk vidhuk migrate')
    .action(async (options: AnswerOptions) => {
      const { databaseUrl, queueUrl } = readSettings(environment);
      const applied = await migrate(databaseUrl, queueUrl);
      await withDatabase(environment, settleRules);
      answer(options, { applied }, () =>
        applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}`,
      );
    });
}
