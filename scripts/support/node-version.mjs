/** Stops with one line on a Node that is too old. Imports nothing newer than itself: this must load where the rest would not. */
import { readFileSync } from 'node:fs';

export function requireNodeVersion() {
  /** @type {unknown} */
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const { engines } = /** @type {{ engines: { node: string } }} */ (manifest);
  const [major = 0, minor = 0] = engines.node.replace('>=', '').split('.').map(Number);
  const [ownMajor = 0, ownMinor = 0] = process.versions.node.split('.').map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  console.error(
    `Vidhuk needs Node ${engines.node} and this is ${process.version}: install a newer one (https://nodejs.org), then run this again.`,
  );
  process.exit(1);
}
