/** `npm start`: installs, builds, and runs all of Vidhuk on this machine until Ctrl-C. */
import { requireNodeVersion } from './support/node-version.mjs';

requireNodeVersion();
const { runInstance } = await import('./support/instance/run-instance.mjs');
process.exit(await runInstance(process.env));
