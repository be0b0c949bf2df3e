/** Reading the configuration again while running. */
import { messageOf } from './errors.js';
import type { Logger } from './logger.js';

/** Calls `reload` on `signal`, one after the other; a configuration that is refused leaves the old one in place and is logged. Gives the way to stop. */
export function reloadOn(signal: NodeJS.Signals, reload: () => Promise<void>, log: Logger): () => Promise<void> {
  let last = Promise.resolve();
  const listener = () => {
    last = last.then(reload).then(
      () => log.info('the configuration was read again'),
      (error: unknown) => log.error({ err: messageOf(error) }, 'the configuration was refused, the old one stays in force'),
    );
  };
  process.on(signal, listener);
  return async () => {
    process.off(signal, listener);
    await last;
  };
}
