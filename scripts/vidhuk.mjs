/** `npm run -s vidhuk -- <command>`: the command line tool, once it is built. */
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { requireNodeVersion } from './support/node-version.mjs';

requireNodeVersion();
const cli = fileURLToPath(new URL('../packages/worker/dist/cli.js', import.meta.url));
if (!existsSync(cli)) {
  console.error('Vidhuk is not built yet: run "npm start" (or "npm run build" when its dependencies are installed) first.');
  process.exit(1);
}
process.argv[1] = cli;
await import(pathToFileURL(cli).href);
