/**
 * Eyes of its own for a process that talks to the queue's store: where its connections do not work any more and a new one does, only a restart
 * helps. Clients end connections that are dead, see `redis-store.ts`; this is for whatever else there may be.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { withDeadline } from './deadline.js';
import { messageOf } from './errors.js';
import type { Service } from './lifecycle.js';
import type { QueueStore } from './queue-store.js';

export interface WatchedStore {
  store: Pick<QueueStore, 'checkWritable'>;
  /** Another connection, to be closed. */
  open: () => Promise<Pick<QueueStore, 'checkWritable' | 'close'>>;
}

/** ms. */
interface WatchPace {
  everyMs: number;
  /** How long it may not work before another connection is tried. */
  patienceMs: number;
  /** Between the tries that are left once another connection has worked. */
  againMs: number;
}

const usualPace: WatchPace = { everyMs: 15_000, patienceMs: 60_000, againMs: 2_000 };
const answerMs = 10_000;
/** On a machine that is too busy any one try may fail, by new connections and by old ones; where only a restart helps, all of these do. */
const lastTries = 3;

/** Ends the process for a restart once the store has not taken a write for `patienceMs`, and takes one by a new connection. */
export function watchStore(
  { store, open }: WatchedStore,
  { log, stop }: Pick<Service, 'log' | 'stop'>,
  { everyMs, patienceMs, againMs } = usualPace,
): NodeJS.Timeout {
  let wellAt = performance.now();
  let looking = false;
  /** Why not, or nothing. */
  const trouble = async (): Promise<unknown> => {
    try {
      await withDeadline('a write to the queue’s store', answerMs, store.checkWritable());
      wellAt = performance.now();
      return undefined;
    } catch (error) {
      return error;
    }
  };
  const look = async () => {
    const error = await trouble();
    if (error === undefined || performance.now() - wellAt < patienceMs) return;
    log.warn({ err: messageOf(error) }, 'the queue’s store has taken nothing for long: trying another connection');
    if (!(await worksAnew(open))) return;
    for (let tries = 0; tries < lastTries; tries++) {
      await sleep(againMs);
      if ((await trouble()) === undefined) return;
    }
    log.fatal('the queue’s store takes writes, but not by the connections of this process: ending it for a restart');
    stop('no way to the queue’s store', 1);
  };
  return setInterval(() => {
    if (looking) return;
    looking = true;
    void look().finally(() => (looking = false));
  }, everyMs);
}

async function worksAnew(open: WatchedStore['open']): Promise<boolean> {
  try {
    const other = await withDeadline('another connection', answerMs, open());
    try {
      await withDeadline('a write by it', answerMs, other.checkWritable());
      return true;
    } finally {
      await other.close();
    }
  } catch {
    return false; // the store is away: to wait is all that helps
  }
}
