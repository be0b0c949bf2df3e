/** Ctrl-C, SIGTERM and a closed terminal: the first asks for an orderly end, a second one for an end at once. */

/** npm sends its child a SIGINT of its own for the Ctrl-C that the terminal has sent to both. */
const sameKeyPressMs = 1_000;
const askForParentMs = 500;

export interface Interrupts {
  /** Aborts with the first. */
  stopping: AbortSignal;
  /** Aborts with a second one, a second later or more. */
  forced: AbortSignal;
}

/** The end of the process `parent` is like the first of them, too: npm hands on SIGINT and SIGTERM, but a SIGHUP or SIGKILL ends it alone. */
export function listenForInterrupts(parent?: number): Interrupts {
  const stopping = new AbortController();
  const forced = new AbortController();
  let first = 0;
  const onSignal = (): void => {
    if (first === 0) {
      first = Date.now();
      stopping.abort();
    } else if (Date.now() - first > sameKeyPressMs) {
      forced.abort();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  const askForParent = (): void => {
    if (first === 0 && process.ppid !== parent) onSignal();
  };
  if (parent !== undefined) setInterval(askForParent, askForParentMs).unref();
  return { stopping: stopping.signal, forced: forced.signal };
}
