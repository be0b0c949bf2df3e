/** Keeps a process running: begins it again when it ends by itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../plain-error.mjs';

/** @typedef {import('./service.mjs').Running} Running */

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
/** One that ran for so long is in order: the next pause is a short one again. */
const soundAfterMs = 60_000;

/**
 * @param {string} name
 * @param {() => Promise<Running>} start
 * @param {(line: string) => void} say
 * @returns {Promise<Running & { keep: () => void }>} `exited` is of the first run; nothing is begun again before `keep`
 */
export async function supervise(name, start, say) {
  let current = await start();
  const stopping = new AbortController();

  const keep = async () => {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      const began = Date.now();
      const end = await current.exited;
      if (stopping.signal.aborted) return;
      if (Date.now() - began > soundAfterMs) pauseMs = firstPauseMs;
      say(`${name} has ended (${end}); it starts again in ${pauseMs / 1000} s`);
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      current = await start().catch(failed);
      if (stopping.signal.aborted) return current.stop();
    }
  };
  /** @type {Promise<void>} */
  let kept = Promise.resolve();

  return {
    exited: current.exited,
    keep: () => {
      kept = keep();
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

/**
 * @param {unknown} error
 * @returns {Running} one that has ended
 */
const failed = (error) => ({ exited: Promise.resolve(messageOf(error)), stop: () => Promise.resolve(), kill: () => undefined });
