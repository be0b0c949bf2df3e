/** Compiles the packages; a second build without changes takes a second. */
import { inCheckout, root } from './checkout.mjs';
import { runCommand } from './command.mjs';

/**
 * @param {(detail: string) => void} _say
 * @param {AbortSignal} signal
 */
export async function build(_say, signal) {
  await runCommand(process.execPath, [inCheckout('node_modules/typescript/bin/tsc'), '-b', 'packages/ingress', 'packages/cli'], {
    cwd: root,
    signal,
  });
}
