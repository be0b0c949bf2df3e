/** `npm start` and `npm run dev`: installs and builds, then does what `vidhuk start` does, in this process. */
import { readFileSync } from 'node:fs';
import { requireNodeVersion } from './support/node-version.mjs';

requireNodeVersion();
const [first = '', ...rest] = process.argv.slice(2);
const parent = /^\d+$/.test(first) ? Number(first) : undefined; // package.json passes npm's pid
const args = parent === undefined && first !== '' ? [first, ...rest] : rest;
const known = ['--watch'];
const unknown = args.find((arg) => !known.includes(arg));
if (unknown !== undefined) {
  const help = `Usage: npm start\n\n${readFileSync(new URL('start-help.txt', import.meta.url), 'utf8').trimEnd()}`;
  const isAsked = args.includes('--help') || args.includes('-h');
  console[isAsked ? 'log' : 'error'](isAsked ? help : `npm start: unknown option '${unknown}'; see npm start -- --help`);
  process.exit(isAsked ? 0 : 2);
}

const { prepare } = await import('./support/prepare.mjs');
const prepared = await prepare(parent);
const { runInstance } = await import('../packages/cli/dist/instance/run-instance.js');
prepared.handOver();
process.exit(await runInstance({ environment: process.env, parent, prepared: prepared.lines, watch: args.includes('--watch') }));
