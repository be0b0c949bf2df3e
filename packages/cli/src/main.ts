/** The command line of Vidhuk. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CliEnvironment } from './environment.js';
import { runProgram } from './program.js';

/** A running `npm start` leaves its addresses in `$VIDHUK_HOME/run.json`; what is set in the environment wins. */
function readCliEnvironment(): CliEnvironment {
  try {
    const running = readFileSync(join(process.env.VIDHUK_HOME ?? '.vidhuk', 'run.json'), 'utf8');
    const left = Object.entries(JSON.parse(running) as CliEnvironment);
    return { ...Object.fromEntries(left.filter(([name]) => process.env[`${name}_FILE`] === undefined)), ...process.env };
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
