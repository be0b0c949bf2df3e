/** The commands of `vidhuk`, put together; `cli.ts` runs them for a process, tests run them in their own. */
import { ConfigurationError, messageOf } from '@vidhuk/shared';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { actionsCommand } from './actions.js';
import { contactCommand } from './contact.js';
import { doctorCommand } from './doctor.js';
import { exitCode, type CliEnvironment } from './environment.js';
import { followUpsCommand } from './follow-ups.js';
import { migrateCommand } from './migrate.js';
import { printAside } from './output.js';
import { quarantineCommand } from './quarantine.js';
import { simulateCommand } from './simulate.js';
import { verifyCommand } from './verify.js';

/** Runs one command line, as it stands behind `vidhuk`. Never rejects; `process.exitCode` tells how it went. */
export async function runProgram(args: readonly string[], environment: CliEnvironment): Promise<void> {
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
  throwInsteadOfExit(program);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    // Of wrong options and unknown commands commander has told already, and after help there is nothing to tell.
    const told = error instanceof CommanderError && !(error instanceof InvalidArgumentError);
    if (!told) printAside(error instanceof ConfigurationError ? error.message : `vidhuk: ${messageOf(error)}`);
    process.exitCode = told && error.exitCode === 0 ? exitCode.ok : exitCode.failure;
  }
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  command.commands.forEach(throwInsteadOfExit);
}
