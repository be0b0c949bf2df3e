/** `npm test`, and `npm run check` with --quick: installs, then checks and tests, in this process. */
import { requireNodeVersion } from './support/node-version.mjs';

requireNodeVersion();
const { prepare } = await import('./support/prepare.mjs');
const prepared = await prepare(undefined, { build: false });
for (const line of prepared.lines) console.log(line);
const { register } = await import('tsx/esm/api');
register(); // what follows is TypeScript
const { runChecks, runQuickChecks } = await import('../test/checks/index.js');
prepared.handOver();
process.exit(await (process.argv.includes('--quick') ? runQuickChecks : runChecks)(process.env));
