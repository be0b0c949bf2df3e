import { readEnvironment } from '@vidhuk/shared';
import { Command } from 'commander';
import { migrate } from '@vidhuk/worker/database';
import type { CliEnvironment } from '../environment.js';
import { print } from '../output/print.js';

export function migrateCommand(environment: CliEnvironment): Command {
  return new Command('migrate')
    .option('--json', 'print a JSON object')
    .addHelpText('after', '\nExample:\n  DATABASE_URL=postgres://user:password@localhost:5432/vidhuk vidhuk migrate')
    .action(async ({ json }: { json?: boolean }) => {
      const { databaseUrl, queueUrl } = readEnvironment(environment);
      const applied = await migrate(databaseUrl, queueUrl);
      if (json) print(JSON.stringify({ applied }));
      else print(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}`);
    });
}
