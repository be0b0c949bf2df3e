/** Whether the command line takes these arguments, without doing what they say. */
import { CommanderError, type Command } from 'commander';
import { createProgram } from '../../../packages/cli/src/program.js';

/** What is wrong with them, in the words of the program, or null. */
export async function complaintAbout(args: readonly string[]): Promise<string | null> {
  const program = await createProgram(args, {});
  doNothing(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return null;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? null : error.message;
    throw error;
  }
}

function doNothing(command: Command): void {
  command.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  if (command.commands.length === 0) command.action(() => undefined);
  command.commands.forEach(doNothing);
}
