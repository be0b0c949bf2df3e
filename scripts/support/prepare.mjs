/** What must be done before anything of ours can be loaded: dependencies, and the build. */
import { build } from './build.mjs';
import { CommandError } from './command.mjs';
import { installDependencies } from './install.mjs';
import { PlainError } from './plain-error.mjs';
import { step } from './step.mjs';

const askForParentMs = 500;

/**
 * Ends the process, with its children, when it fails or is interrupted. `lines` say what was done; `handOver`: from then on somebody else listens
 * for interrupts.
 * @param {number | undefined} parent whose end is an interruption, too
 * @param {{ build: boolean }} [options]
 * @returns {Promise<{ lines: string[], handOver: () => void }>}
 */
export async function prepare(parent, options = { build: true }) {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, interrupt);
  const watching = setInterval(() => parent !== undefined && process.ppid !== parent && interrupt(), askForParentMs);
  /** @type {string[]} */
  const lines = [];
  try {
    lines.push(await step('dependencies', (say) => installDependencies(say, interruption.signal)));
    if (options.build) lines.push(await step('build', () => build(interruption.signal)));
  } catch (error) {
    for (const line of lines) console.log(line);
    console.error(interruption.signal.aborted ? 'Interrupted.' : describe(error));
    process.exit(interruption.signal.aborted ? 130 : 2);
  }
  return {
    lines,
    handOver() {
      clearInterval(watching);
      for (const signal of signals) process.off(signal, interrupt);
      if (interruption.signal.aborted) process.exit(130);
    },
  };
}

/** @param {unknown} error */
function describe(error) {
  if (error instanceof CommandError) return `${error.output.replace(/^/gm, '  ')}\n${error.message}: see above.`;
  const isPlain = error instanceof PlainError || (error instanceof Error && 'code' in error); // the system's own words, with the path
  if (isPlain) return error.message;
  return error instanceof Error ? error.stack : String(error);
}
