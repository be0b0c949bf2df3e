/** Transactions that get into each other's way: one of them begins again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { failureKind } from './failure.js';

/** Two transactions that were in each other's way part after a moment; ten times in a row is no coincidence, then the caller waits longer. */
const maxConflicts = 10;

/** Calls `work` until no other transaction is in its way; `work` must change nothing when it rejects. Rejects with any other error at once. */
export async function throughConflicts<T>(
  work: () => Promise<T>,
  onConflict: (error: unknown, conflicts: number) => void = () => undefined,
): Promise<T> {
  for (let conflicts = 1; ; conflicts++) {
    try {
      return await work();
    } catch (error) {
      if (failureKind(error) !== 'conflict' || conflicts >= maxConflicts) throw error;
      onConflict(error, conflicts);
      await sleep(Math.random() * 50 * conflicts);
    }
  }
}
