/** Compiles the packages; a second build without changes takes a second. */
import { inCheckout, root } from './checkout.mjs';
import { runCommand } from './command.mjs';

/** @param {AbortSignal} signal */
export async function build(signal) {
  const compiler = inCheckout('node_modules/typescript/bin/tsc');
  await runCommand(process.execPath, [compiler, '-b', 'packages/ingress', 'packages/cli'], { cwd: root, signal });
}
