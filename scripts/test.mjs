/** `npm test`: installs, builds, checks and tests everything. The last line is a plain "N passed, N failed". */
import { requireNodeVersion } from './support/node-version.mjs';

requireNodeVersion();
const { runChecks } = await import('./support/check/run-checks.mjs');
process.exit(await runChecks());
