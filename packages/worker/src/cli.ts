#!/usr/bin/env node
/** The command line of Vidhuk. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError, messageOf } from '@vidhuk/shared';
import { Command } from 'commander';
import { actionsCommand } from './cli/actions.js';
import { contactCommand } from './cli/contact.js';
import { doctorCommand } from './cli/doctor.js';
import { exitCode, type CliEnvironment } from './cli/environment.js';
import { followUpsCommand } from './cli/follow-ups.js';
import { migrateCommand } from './cli/migrate.js';
import { printAside } from './cli/output.js';
import { quarantineCommand } from './cli/quarantine.js';
import { simulateCommand } from './cli/simulate.js';
import { verifyCommand } from './cli/verify.js';

/** A running `npm start` leaves its addresses in `$VIDHUK_HOME/run.json`; what is set in the environment wins. */
function readCliEnvironment(): CliEnvironment {
  try {
    const running = readFileSync(join(process.env.VIDHUK_HOME ?? '.vidhuk', 'run.json'), 'utf8');
    return { ...(JSON.parse(running) as CliEnvironment), ...process.env };
  } catch {
    return process.env;
  }
}

const environment = readCliEnvironment();
const program = new Command('vidhuk')
  .description('Receives eSputnik (Yespo) activity webhooks, keeps every one, and knows the status of every contact.')
  .addHelpText(
    'after',
    '\nConnects to DATABASE_URL and QUEUE_URL, or to the running "npm start" of this folder.\nExit codes: 0 done, 1 the answer is no, 2 it could not be done.',
  )
  .configureHelp({ showGlobalOptions: true })
  .addCommand(contactCommand(environment))
  .addCommand(quarantineCommand(environment))
  .addCommand(doctorCommand(environment))
  .addCommand(migrateCommand(environment))
  .addCommand(actionsCommand(environment))
  .addCommand(followUpsCommand(environment))
  .addCommand(simulateCommand(environment))
  .addCommand(verifyCommand(environment));

/** Wrong arguments could not be done either; commander says 1 for them, and 0 after help. */
function exitAsDocumented(command: Command): void {
  command.exitOverride(({ exitCode: code }) => process.exit(code === 0 ? exitCode.ok : exitCode.failure));
  command.commands.forEach(exitAsDocumented);
}
exitAsDocumented(program);

try {
  await program.parseAsync();
} catch (error) {
  printAside(error instanceof ConfigurationError ? error.message : `vidhuk: ${messageOf(error)}`);
  process.exitCode = exitCode.failure;
}
