/** Keeps a process running: begins it again when it ends by itself, unless it says that this is of no use. */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@vidhuk/shared';
import type { Ended, Running } from './running.js';

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
/** One that ran for so long is in order: the next pause is a short one again. */
const soundAfterMs = 60_000;

export interface Supervised extends Running {
  /** Of the first run. */
  exited: Promise<Ended>;
  /** Nothing is begun again before. */
  keep: () => void;
  /** Ends it in order and begins it again at once. */
  restart: () => Promise<void>;
  /** Aborts when it is not begun again any more, because it refused its configuration. */
  gaveUp: AbortSignal;
}

export async function supervise(name: string, start: () => Promise<Running>, say: (line: string) => void): Promise<Supervised> {
  let current = await start();
  let isWanted = false; // another run, by whoever has ended the last one
  const stopping = new AbortController();
  const isStopping = (): boolean => stopping.signal.aborted;
  const giving = new AbortController(); // up

  const keep = async (): Promise<void> => {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      const began = Date.now();
      const end = await current.exited;
      if (isStopping()) return;
      if (isWanted || Date.now() - began > soundAfterMs) pauseMs = firstPauseMs;
      if (!isWanted) {
        if (end.refused) {
          giving.abort();
          return;
        }
        say(`${name} has ended (${end.how}); it starts again in ${pauseMs / 1000} s`);
        await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        if (isStopping()) return;
      }
      isWanted = false;
      current = await start().catch(failed);
      if (isStopping()) return current.stop();
    }
  };
  let kept = Promise.resolve();

  return {
    exited: current.exited,
    gaveUp: giving.signal,
    keep: () => {
      kept = keep();
    },
    restart: () => {
      isWanted = true;
      return current.stop();
    },
    stop: async () => {
      stopping.abort();
      await current.stop();
      await kept;
    },
    kill: () => {
      stopping.abort();
      current.kill();
    },
  };
}

/** One that has ended. */
const failed = (error: unknown): Running => ({
  exited: Promise.resolve({ how: messageOf(error), refused: false }),
  stop: () => Promise.resolve(),
  kill: () => undefined,
});
