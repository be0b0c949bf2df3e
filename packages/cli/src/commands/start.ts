/** `vidhuk start`: all of Vidhuk on this machine until Ctrl-C; `npm start` installs and builds, then does the same. */
import { existsSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { CliEnvironment } from '../environment.js';
import { inClone } from '../instance/clone.js';

export function startCommand(environment: CliEnvironment): Command {
  return new Command('start')
    .option('--watch', 'compile on every change and begin the services again, as "npm run dev" does')
    .addHelpText('after', readHelp)
    .action(async ({ watch }: { watch?: boolean }) => {
      const { runInstance } = await import('../instance/run-instance.js');
      process.exitCode = await runInstance({ environment, watch });
    });
}

/** Told by `npm start -- --help` too, before anything is installed: so it stands beside that script. An image has no script, and nothing to start. */
function readHelp(): string {
  const file = inClone('scripts/start-help.txt');
  return existsSync(file) ? `\n${readFileSync(file, 'utf8').trimEnd()}` : '\nExample:\n  in a clone of the repository: npm start';
}
