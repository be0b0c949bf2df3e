/** Ctrl-C, SIGTERM and a closed terminal: the first asks for an orderly end, a second one for an end at once. */

/** npm sends its child a SIGINT of its own for the Ctrl-C that the terminal has sent to both. */
const sameKeyPressMs = 1_000;
const askForParentMs = 500;

/**
 * @param {number} [parent] whose end asks for an orderly end, too: npm hands on SIGINT and SIGTERM, but a SIGHUP or SIGKILL ends it alone
 * @returns {{ stopping: AbortSignal, forced: AbortSignal }}
 */
export function listenForInterrupts(parent) {
  const stopping = new AbortController();
  const forced = new AbortController();
  let first = 0;
  const onSignal = () => {
    if (first === 0) {
      first = Date.now();
      stopping.abort();
    } else if (Date.now() - first > sameKeyPressMs) {
      forced.abort();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);
  const askForParent = () => {
    if (first === 0 && process.ppid !== parent) onSignal();
  };
  if (parent !== undefined) setInterval(askForParent, askForParentMs).unref();
  return { stopping: stopping.signal, forced: forced.signal };
}
