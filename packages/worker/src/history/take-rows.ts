/** Deletes rows that have been kept for long enough, in small steps that nobody waits for. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { Retained } from './retained.js';
import { dueSteps, takeStep } from './sql/retention-step.js';

/** Of the physical table `leaf`; gives how many. Ends early, between two steps, when `signal` aborts. */
export async function takeRows(
  dataSource: DataSource,
  leaf: string,
  kind: Pick<Retained, 'age' | 'where'>,
  before: Date,
  signal: AbortSignal,
): Promise<number> {
  let gone = 0;
  for (;;) {
    let ofRound = 0;
    for (const step of await dueSteps(dataSource, leaf, kind, before)) {
      if (signal.aborted) return gone + ofRound;
      const started = performance.now();
      ofRound += await takeStep(dataSource, leaf, kind, before, step);
      await sleep((performance.now() - started) / 2); // a third of the time the disk is others'
    }
    if (ofRound === 0) return gone; // what is left is locked by others
    gone += ofRound;
  }
}
