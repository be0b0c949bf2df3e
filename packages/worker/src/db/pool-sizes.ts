/** How the connections of a worker are shared out. */
import type { Configuration } from '@vidhuk/shared';

/** A reconciling run holds one, its steps take another, a handler holds one, and a feeder must find one all the same. */
const leastOfOthers = 4;

/** Transactions of batches have theirs and one to spare, all others share what is left. */
export function poolSizes({
  databaseConnections,
  maxTransactions,
}: Pick<Configuration['worker'], 'databaseConnections' | 'maxTransactions'>): {
  ofBatches: number;
  ofOthers: number;
} {
  const ofBatches = maxTransactions + 1;
  return { ofBatches, ofOthers: Math.max(databaseConnections - ofBatches, leastOfOthers) };
}
