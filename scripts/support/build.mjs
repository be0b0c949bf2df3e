/** Compiles the packages; a second build without changes takes a second. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inCheckout, root } from './checkout.mjs';
import { runCommand } from './command.mjs';

/** @param {AbortSignal} signal */
export async function build(signal) {
  /** @param {string[]} flags */
  const compile = (...flags) => {
    const compiler = inCheckout('node_modules/typescript/bin/tsc');
    return runCommand(process.execPath, [compiler, '-b', ...flags, 'packages/ingress', 'packages/cli'], { cwd: root, signal });
  };
  await compile();
  // The compiler remembers what it has written, and looks at none of it: a power cut may have emptied some.
  const packages = readdirSync(inCheckout('packages')).map((name) => inCheckout(`packages/${name}`));
  if (!packages.every(isBuilt)) await compile('--force');
}

/**
 * Whether each source of the package has become a program with something in it.
 * @param {string} folder of the package
 */
export function isBuilt(folder) {
  const sources = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return sources.every((name) => {
    const program = statSync(join(folder, 'dist', name.replace(/\.ts$/, '.js')), { throwIfNoEntry: false });
    return program !== undefined && program.size > 0;
  });
}
