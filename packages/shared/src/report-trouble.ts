/** An outage in few lines: every connection of the store tells of it, several times a second. */
import { messageOf } from './errors.js';
import type { Logger } from './logger.js';

/**
 * Takes errors of the queue's store. Logs the first at once, then every `everyMs` the latest and how many there were since the last line, and one
 * line when none came for that long.
 */
export function reportTrouble(log: Logger, everyMs = 10_000): (error: Error) => void {
  let timer: NodeJS.Timeout | undefined;
  let times = 0;
  let latest = '';
  const look = () => {
    if (times > 0) {
      log.warn({ err: latest, times }, 'the queue’s store still has trouble');
      times = 0;
      return;
    }
    clearInterval(timer);
    timer = undefined;
    log.info(`the queue’s store is well again: no trouble for ${everyMs / 1000} s`);
  };
  return (error) => {
    latest = messageOf(error);
    if (timer !== undefined) {
      times++;
      return;
    }
    log.warn({ err: latest }, 'the queue’s store has trouble');
    timer = setInterval(look, everyMs).unref();
  };
}
