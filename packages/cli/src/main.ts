/** The command line of Vidhuk. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingOf } from '@vidhuk/shared';
import type { CliEnvironment } from './environment.js';
import { runProgram } from './program.js';

/** A running `npm start` leaves its addresses in `$VIDHUK_HOME/run.json`; what is set in the environment wins, and whoever names another
 * database is not led to the support of this one. */
function readCliEnvironment(): CliEnvironment {
  try {
    const running = readFileSync(join(settingOf(process.env, 'VIDHUK_HOME') ?? '.vidhuk', 'run.json'), 'utf8');
    const left = Object.entries(JSON.parse(running) as CliEnvironment);
    const isSet = (name: string) =>
      settingOf(process.env, name) !== undefined || settingOf(process.env, `${name}_FILE`) !== undefined;
    const isOther = isSet('DATABASE_URL');
    const isOf = (name: string) => !isSet(name) && !(isOther && name === 'SUPPORT_DATABASE_URL');
    return { ...process.env, ...Object.fromEntries(left.filter(([name]) => isOf(name))) };
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
