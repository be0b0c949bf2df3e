/** `npm start`: installs, builds, and runs all of Vidhuk on this machine until Ctrl-C. */
import { requireNodeVersion } from './support/node-version.mjs';

requireNodeVersion();
const { runInstance } = await import('./support/instance/run-instance.mjs');
const npm = Number(process.argv[2]) || undefined; // its pid: package.json passes it
process.exit(await runInstance(process.env, npm));
