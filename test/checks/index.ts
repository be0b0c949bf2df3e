/** What `scripts/test.mjs` runs. */
export { runChecks } from './run-checks.js';
export { runQuickChecks } from './run-quick-checks.js';
