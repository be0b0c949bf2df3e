/** Large work in pieces, so that no single statement of it becomes long or large. */

/** In rows: below it a statement takes less than a second, far from the `statement_timeout`; all that a usual transaction has fits in one. */
const sliceSize = 5_000;

/** Calls `work` with the items, in order, so many at a time that one call is small. No items, no call. */
export async function inSlices<T>(items: readonly T[], work: (slice: readonly T[]) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < items.length; start += sliceSize) await work(items.slice(start, start + sliceSize));
}
