/** A frozen list that is worked off in steps: with progress, at a rate, stopped by Ctrl-C or by anybody, and seen by all in the table `act`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { recordAct, recordProgress } from '@vidhuk/worker/contact';
import type { DataSource } from 'typeorm';
import { operator } from '../output/operator.js';
import { counted } from '../output/plural.js';
import { printAside } from '../output/print.js';

export interface BulkWork<Item> {
  dataSource: DataSource;
  /** As people type it, for the table `act`. */
  command: string;
  /** What is done, for the same: without personal data. */
  about: Readonly<Record<string, unknown>>;
  items: readonly Item[];
  /** Items a second; null: as fast as it goes. */
  rate: number | null;
  /** Items that one step may have. */
  largestStep?: number;
  /** Does some of them; what it counts is added up. */
  step: (items: readonly Item[], actId: number) => Promise<Readonly<Record<string, number>>>;
  /** After the last step, or where it was stopped. */
  end?: () => Promise<void>;
  quiet: boolean;
}

export interface BulkResult {
  act: number;
  of: number;
  done: number;
  state: 'done' | 'stopped';
  counts: Record<string, number>;
}

const usualStep = 500;
const toldEveryMs = 5_000;

/** Rejects with the error of a step: what was done before is done, and the act says how far it came. */
export async function workOff<Item>(work: BulkWork<Item>): Promise<BulkResult> {
  const { dataSource, command, about, items, rate, largestStep = usualStep, quiet } = work;
  const detail = { ...about, of: items.length, done: 0, rate, state: 'running' };
  const act = await recordAct(dataSource, { who: operator(), command, detail });
  const counts: Record<string, number> = {};
  const stepSize = Math.max(1, Math.min(largestStep, rate === null ? largestStep : Math.ceil(rate / 2)));
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt);
  const since = performance.now();
  let [done, stop, told] = [0, false, since];
  try {
    while (done < items.length && !stop && !interrupted.signal.aborted) {
      const some = items.slice(done, done + stepSize);
      const added = await work.step(some, act);
      for (const [name, count] of Object.entries(added)) counts[name] = (counts[name] ?? 0) + count;
      done += some.length;
      stop = await recordProgress(dataSource, act, { done, ...counts });
      if (!quiet && performance.now() - told > toldEveryMs) {
        told = performance.now();
        printAside(progress(done, items.length, told - since));
      }
      const aheadMs = rate === null || done >= items.length ? 0 : (done / rate) * 1_000 - (performance.now() - since);
      if (aheadMs > 0) await sleep(aheadMs, undefined, { signal: interrupted.signal }).catch(() => undefined);
    }
    await work.end?.();
    const state = done < items.length ? 'stopped' : 'done';
    await recordProgress(dataSource, act, { done, ...counts, state });
    return { act, of: items.length, done, state, counts };
  } catch (error) {
    await recordProgress(dataSource, act, { done, ...counts, state: 'failed' }).catch(() => undefined); // the error itself says more
    throw error;
  } finally {
    process.off('SIGINT', interrupt);
  }
}

function progress(done: number, of: number, ms: number): string {
  const left = Math.round(((ms / done) * (of - done)) / 1_000);
  return `${done.toLocaleString('en-US')} of ${of.toLocaleString('en-US')}, about ${counted(left, 'second')} left`;
}

/** What a stopped one says, behind its result; empty for one that came to its end. */
export const describeStop = ({ state, done, of, act }: BulkResult): string =>
  state === 'done' ? '' : `Stopped after ${done.toLocaleString('en-US')} of ${of.toLocaleString('en-US')} (act ${act}).`;
