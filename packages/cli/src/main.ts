/** The command line of Vidhuk. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CliEnvironment } from './environment.js';
import { runProgram } from './program.js';

/** A running `npm start` leaves its addresses in `$VIDHUK_HOME/run.json`; what is set in the environment wins, and whoever names another
 * database is not led to the support of this one. */
function readCliEnvironment(): CliEnvironment {
  try {
    const running = readFileSync(join(process.env.VIDHUK_HOME ?? '.vidhuk', 'run.json'), 'utf8');
    const left = Object.entries(JSON.parse(running) as CliEnvironment);
    const isOther = process.env.DATABASE_URL !== undefined || process.env.DATABASE_URL_FILE !== undefined;
    const isOf = (name: string) => process.env[`${name}_FILE`] === undefined && !(isOther && name === 'SUPPORT_DATABASE_URL');
    return { ...Object.fromEntries(left.filter(([name]) => isOf(name))), ...process.env };
  } catch {
    return process.env;
  }
}

// Whoever reads may have enough: "vidhuk quarantine list | head".
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const args = process.argv.slice(2);
// A start takes nothing from one before it, which may have crashed and left its addresses behind.
await runProgram(args, args[0] === 'start' ? process.env : readCliEnvironment());
